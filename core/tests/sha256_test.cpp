// core/tests/sha256_test.cpp: SHA-256 gives NIST's digests, in pieces as in one, by either code.
#include "core/event/sha256.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "core/event/sha256_lanes.h"
#include "core/tests/random.h"

namespace plait {
namespace {

std::string hex(const Sha256Digest& digest) {
  std::string text;
  for (std::uint8_t byte : digest) {
    text += "0123456789abcdef"[byte >> 4];
    text += "0123456789abcdef"[byte & 15];
  }
  return text;
}

std::string random_bytes(Random& random, std::size_t count) {
  std::string bytes(count, '\0');
  for (char& byte : bytes) byte = static_cast<char>(random.next());
  return bytes;
}

TEST(Sha256, GivesThePublishedDigests) {  // FIPS 180-4 and NIST's examples
  EXPECT_EQ(hex(sha256("")), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  EXPECT_EQ(hex(sha256("abc")), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  EXPECT_EQ(hex(sha256("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq")),
            "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1");
  EXPECT_EQ(hex(sha256("abcdefghbcdefghicdefghijdefghijkefghijklfghijklmghijklmnhijklmno"
                       "ijklmnopjklmnopqklmnopqrlmnopqrsmnopqrstnopqrstu")),
            "cf5b16a778af8380036ce59e7b0492370b249b11e8f07a51afac45037afee9d1");
  EXPECT_EQ(hex(sha256(std::string(1'000'000, 'a'))),
            "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
}

TEST(Sha256, EveryLengthAroundABlocksEndIsPadded) {  // digests by python3's hashlib
  EXPECT_EQ(hex(sha256(std::string(55, 'x'))),
            "d5e285683cd4efc02d021a5c62014694958901005d6f71e89e0989fac77e4072");
  EXPECT_EQ(hex(sha256(std::string(56, 'x'))),
            "04c26261370ee7541549d16dee320c723e3fd14671e66a099afe0a377c16888e");
  EXPECT_EQ(hex(sha256(std::string(63, 'x'))),
            "75220b47218278e656f2013bb8f0c455a25eaf01e86c64924e9d48d89776d6f2");
  EXPECT_EQ(hex(sha256(std::string(64, 'x'))),
            "7ce100971f64e7001e8fe5a51973ecdfe1ced42befe7ee8d5fd6219506b5393c");
  EXPECT_EQ(hex(sha256(std::string(65, 'x'))),
            "9537c5fdf120482f7d58d25e9ed583f52c02b4e304ea814db1633ad565aed7e9");
}

TEST(Sha256, PiecesGiveTheDigestOfTheWhole) {
  for_each_seed(500, [](Random& random) {
    const std::string bytes = random_bytes(random, random.below(400));
    Sha256 pieces;
    for (std::size_t at = 0; at < bytes.size();) {
      std::size_t count = random.below(130);
      pieces.add(std::string_view(bytes).substr(at, count));
      at += count;
    }
    EXPECT_EQ(pieces.finish(), sha256(bytes));
  });
}

TEST(Sha256, ManyAtOnceAreEachAsAlone) {
  for_each_seed(500, [](Random& random) {
    std::vector<std::string> bytes(random.below(20));
    for (std::string& text : bytes) text = random_bytes(random, random.below(400));
    std::vector<std::string_view> texts(bytes.begin(), bytes.end());
    std::vector<Sha256Digest> digests(texts.size());
    sha256_each(texts, digests);
    for (std::size_t i = 0; i < texts.size(); ++i) EXPECT_EQ(digests[i], sha256(texts[i])) << i;
  });
}

TEST(Sha256, TheLanesOfAVectorAgreeWithPlainCode) {
  if (!sha256_by_lanes({}, {})) GTEST_SKIP() << "this CPU has no AVX2";
  for_each_seed(500, [](Random& random) {
    std::vector<std::string> bytes(random.below(sha256_lanes + 1));
    for (std::string& text : bytes) text = random_bytes(random, random.below(400));
    std::vector<std::string_view> texts(bytes.begin(), bytes.end());
    std::vector<Sha256Digest> digests(texts.size());
    ASSERT_TRUE(sha256_by_lanes(texts, digests));
    for (std::size_t i = 0; i < texts.size(); ++i) EXPECT_EQ(digests[i], sha256(texts[i])) << i;
  });
}

TEST(Sha256, TheCpusInstructionsAgreeWithPlainCode) {
  Sha256State probe{};
  if (!sha256_blocks_by_cpu(probe, nullptr, 0)) GTEST_SKIP() << "this CPU has no SHA instructions";
  for_each_seed(500, [](Random& random) {
    const std::size_t count = random.below(9);
    const std::string bytes = random_bytes(random, 64 * count);
    const auto* blocks = reinterpret_cast<const std::uint8_t*>(bytes.data());
    Sha256State by_cpu;
    for (std::uint32_t& word : by_cpu) word = static_cast<std::uint32_t>(random.next());
    Sha256State portable = by_cpu;
    ASSERT_TRUE(sha256_blocks_by_cpu(by_cpu, blocks, count));
    sha256_blocks_portable(portable, blocks, count);
    EXPECT_EQ(by_cpu, portable);
  });
}

}  // namespace
}  // namespace plait
