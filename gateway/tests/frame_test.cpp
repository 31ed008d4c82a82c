// gateway/tests/frame_test.cpp: headers as RFC 6455 draws them.

#include "gateway/frame.h"

#include <gtest/gtest.h>

namespace plait::gateway {
namespace {

std::string framed(std::size_t size) {
  std::string out;
  append_text_frame(out, std::string(size, 'x'));
  return out.substr(0, out.size() - size);
}

TEST(Frame, LengthsHaveTheirThreeForms) {
  EXPECT_EQ(framed(0), std::string("\x81\x00", 2));
  EXPECT_EQ(framed(125), std::string("\x81\x7d", 2));
  EXPECT_EQ(framed(126), std::string("\x81\x7e\x00\x7e", 4));
  EXPECT_EQ(framed(65'535), std::string("\x81\x7e\xff\xff", 4));
  EXPECT_EQ(framed(65'536), std::string("\x81\x7f\x00\x00\x00\x00\x00\x01\x00\x00", 10));
}

TEST(Frame, FramesFollowEachOther) {
  std::string out;
  append_ping_frame(out);
  append_text_frame(out, "a");
  append_text_frame(out, "bc");
  EXPECT_EQ(out,
            "\x89\x01"
            "p"
            "\x81\x01"
            "a"
            "\x81\x02"
            "bc");
}

TEST(Frame, ACloseCarriesItsCode) {
  std::string out;
  append_close_frame(out, 4001);
  EXPECT_EQ(out, std::string("\x88\x02\x0f\xa1", 4));
}

}  // namespace
}  // namespace plait::gateway
