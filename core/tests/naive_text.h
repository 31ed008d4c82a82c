// core/tests/naive_text.h: the text of a history by its definition: Fugue's tree of characters, and
// for each event the set of its ancestors.
//
// Shares nothing with core/merge but the shape of an event. No runs, no critical versions, no
// origins: characters are nodes, whose children are sorted by their events' ids. Slow on purpose.
#pragma once

#include <algorithm>
#include <map>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/merge/text_event.h"

namespace plait {

class NaiveText {
 public:
  using Version = std::set<EventId>;  // events, all ancestors included

  NaiveText() { nodes_.push_back({}); }

  // REQUIRES: parents come before their children; ranges are within the text at the parents.
  void add(const TextEvent& event) {
    Version seen = version_of(event.parents);
    seen.insert(event.id);
    if (event.change.kind == TextChange::Kind::set) {
      replace(event.id, seen, {0, visible(seen).size(), event.change.text});
    }
    for (const TextEdit& edit : event.change.edits) replace(event.id, seen, edit);
    versions_[event.id] = std::move(seen);
  }

  Version version_of(std::span<const EventId> heads) const {
    Version version;
    for (const EventId& head : heads) {
      version.insert(versions_.at(head).begin(), versions_.at(head).end());
    }
    return version;
  }
  Version all() const {
    Version version;
    for (const auto& [event, seen] : versions_) version.insert(event);
    return version;
  }

  std::size_t length(const Version& version) const { return visible(version).size(); }
  std::string text(const Version& version) const {
    std::string text;
    for (int node : visible(version)) text += nodes_[static_cast<std::size_t>(node)].character;
    return text;
  }

 private:
  struct Node {
    EventId event;
    std::string character;
    std::set<EventId> deleted_by;
    std::vector<int> left, right;  // by the ids of their events
  };

  void walk(int at, std::vector<int>& order) const {
    const Node& node = nodes_[static_cast<std::size_t>(at)];
    for (int child : node.left) walk(child, order);
    order.push_back(at);
    for (int child : node.right) walk(child, order);
  }

  // The nodes whose insertion a version has, in order; the first is the root.
  std::vector<int> known(const Version& version) const {
    std::vector<int> order;
    walk(0, order);
    std::erase_if(order, [&](int at) {
      return at != 0 && !version.contains(nodes_[static_cast<std::size_t>(at)].event);
    });
    return order;
  }

  bool deleted(int at, const Version& version) const {
    const auto& by = nodes_[static_cast<std::size_t>(at)].deleted_by;
    return std::ranges::any_of(by, [&](const EventId& id) { return version.contains(id); });
  }

  std::vector<int> visible(const Version& version) const {
    std::vector<int> order = known(version);
    order.erase(order.begin());
    std::erase_if(order, [&](int at) { return deleted(at, version); });
    return order;
  }

  void replace(const EventId& event, const Version& version, const TextEdit& edit) {
    std::vector<int> shown = visible(version);
    for (std::size_t i = 0; i < edit.deleted; ++i) {
      nodes_[static_cast<std::size_t>(shown.at(edit.position + i))].deleted_by.insert(event);
    }
    int left = edit.position == 0 ? 0 : shown.at(edit.position - 1);
    for (std::string_view rest = edit.inserted; !rest.empty();) {
      std::size_t size = 1;
      while (size < rest.size() && (rest[size] & 0xC0) == 0x80) ++size;
      left = insert_after(left, event, version, rest.substr(0, size));
      rest.remove_prefix(size);
    }
  }

  // Fugue: the right child of its left neighbour, or, where that has a right child, the left child
  // of the neighbour to the right, tombstones included.
  int insert_after(int left, const EventId& event, const Version& version,
                   std::string_view character) {
    const std::vector<int>& children = nodes_[static_cast<std::size_t>(left)].right;
    bool has_right = std::ranges::any_of(children, [&](int child) {
      return version.contains(nodes_[static_cast<std::size_t>(child)].event);
    });
    auto added = static_cast<int>(nodes_.size());
    std::vector<int>* siblings;
    if (has_right) {
      std::vector<int> order = known(version);
      int next = *std::next(std::ranges::find(order, left));
      siblings = &nodes_[static_cast<std::size_t>(next)].left;
    } else {
      siblings = &nodes_[static_cast<std::size_t>(left)].right;
    }
    auto after = std::ranges::find_if(*siblings, [&](int sibling) {
      return nodes_[static_cast<std::size_t>(sibling)].event > event;
    });
    siblings->insert(after, added);
    Node node;
    node.event = event;
    node.character = character;
    nodes_.push_back(std::move(node));
    return added;
  }

  std::vector<Node> nodes_;
  std::map<EventId, Version> versions_;
};

}  // namespace plait
