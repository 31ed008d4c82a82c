// core/query/sql.cpp: terms as SQL. Everything is in parentheses; precedence is not argued with.

#include "core/query/sql.h"

#include <utility>

namespace plait::query {

namespace {

// {"a","b \"c\"",NULL}
std::string array_text(const OneOfTerm& list) {
  std::string text = "{";
  for (const std::string& element : list.texts) {
    if (text.size() > 1) text += ',';
    text += '"';
    for (char c : element) {
      if (c == '"' || c == '\\') text += '\\';
      text += c;
    }
    text += '"';
  }
  if (list.has_null) text += list.texts.empty() ? "NULL" : ",NULL";
  return text + '}';
}

class Writer {
 public:
  Writer(std::string_view table, int first_parameter) : next_parameter_(first_parameter) {
    if (!table.empty()) table_ = quoted_identifier(table) + '.';
  }

  std::string of(const Term& term) {
    return std::visit([&](const auto& node) { return this->node(node); }, term.node);
  }

  BoundSql bound;

 private:
  std::string bind(std::string text, std::string type) {
    std::string placeholder = "$" + std::to_string(next_parameter_++);
    if (!type.empty()) placeholder += "::" + type;
    bound.parameters.push_back(std::move(text));
    bound.types.push_back(std::move(type));
    return placeholder;
  }

  std::string joined(const std::vector<TermPtr>& terms, std::string_view word,
                     std::string_view none) {
    if (terms.empty()) return std::string(none);
    std::string text = "(";
    for (const TermPtr& term : terms) {
      if (text.size() > 1) text += word;
      text += of(*term);
    }
    return text + ')';
  }

  std::string node(const PropertyTerm& term) { return table_ + quoted_identifier(term.column); }

  std::string node(const ConstantTerm& term) {
    if (is_null(term.value)) return term.type.empty() ? "NULL" : "NULL::" + term.type;
    if (const bool* truth = std::get_if<bool>(&term.value)) return *truth ? "TRUE" : "FALSE";
    return bind(term.text, term.type);
  }

  std::string node(const CompareTerm& term) {
    bool equality =
        term.comparison == Comparison::equal || term.comparison == Comparison::not_equal;
    bool collated = term.domain == Domain::text || term.domain == Domain::character;
    std::string text = "(" + of(*term.left) + ' ';
    text += symbol(term.comparison);
    text += ' ' + of(*term.right);
    return text + (collated && !equality ? " COLLATE \"C\")" : ")");
  }

  std::string node(const DistinctTerm& term) {
    return "(" + of(*term.left) + " IS DISTINCT FROM " + of(*term.right) + ')';
  }

  std::string node(const AllTerm& term) { return joined(term.terms, " AND ", "TRUE"); }
  std::string node(const AnyTerm& term) { return joined(term.terms, " OR ", "FALSE"); }
  std::string node(const NotTerm& term) { return "(NOT " + of(*term.term) + ')'; }

  std::string node(const OneOfTerm& term) {
    if (term.values.empty() && !term.has_null) return "FALSE";
    std::string type = term.type.empty() ? term.type : term.type + "[]";
    std::string left = of(*term.left);
    return "(" + left + " = ANY (" + bind(array_text(term), std::move(type)) + "))";
  }

  std::string node(const LikeTerm& term) {
    std::string text = "(" + of(*term.operand) + (term.ignore_case ? " ILIKE " : " LIKE ");
    text += bind(term.text, "text");
    return text + (term.ignore_case ? " COLLATE \"C\")" : ")");
  }

  std::string node(const IsNullTerm& term) { return "(" + of(*term.operand) + " IS NULL)"; }
  std::string node(const IsTruthTerm& term) {
    return "(" + of(*term.operand) + (term.value ? " IS TRUE)" : " IS FALSE)");
  }

  std::string table_;
  int next_parameter_;
};

}  // namespace

std::string quoted_identifier(std::string_view name) {
  std::string quoted = "\"";
  for (char c : name) {
    if (c == '"') quoted += c;
    quoted += c;
  }
  return quoted + '"';
}

BoundSql to_sql(const Predicate& predicate, std::string_view table, int first_parameter) {
  Writer writer(table, first_parameter);
  writer.bound.text = predicate.root ? writer.of(*predicate.root) : "TRUE";
  return std::move(writer.bound);
}

}  // namespace plait::query
