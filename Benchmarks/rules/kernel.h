/* The yardstick: bit columns evaluated by straight-line C that is written out for each pathway (RulesBench does that),
   vectors as wide as the instruction set has them, planes of a block counted while they are in the nearest cache.
   Compiled with VECTOR bytes a vector. */
#include <stddef.h>
#include <stdint.h>

typedef uint64_t vector __attribute__((vector_size(VECTOR), aligned(8), may_alias));
enum { LANES = VECTOR / 8, BLOCK = 64 };

/* Sum digit in a, carry as result. */
static inline vector add(vector *a, vector x, vector y) {
    vector differ = x ^ y, carry = (x & y) | (*a & differ);
    *a ^= differ;
    return carry;
}

#ifdef __AVX512VPOPCNTDQ__
typedef struct { uint64_t sum; } counter;
static inline void count(counter *c, const uint64_t *block) {
    uint64_t sum = 0;
    for (int word = 0; word < BLOCK; word++) sum += (uint64_t)__builtin_popcountll(block[word]);
    c->sum += sum;
}
static inline uint64_t total(const counter *c) { return c->sum; }
#else
typedef struct { vector ones, twos, fours, eights; } counter;
static inline vector bits(vector x) {
    x = x - ((x >> 1) & 0x5555555555555555u);
    x = (x & 0x3333333333333333u) + ((x >> 2) & 0x3333333333333333u);
    x = (x + (x >> 4)) & 0x0f0f0f0f0f0f0f0fu;
    x = x + (x >> 8);
    x = x + (x >> 16);
    return (x + (x >> 32)) & 0xff;
}
static inline void count(counter *c, const uint64_t *block) {
    const vector *v = (const vector *)block;
    for (int i = 0; i < BLOCK / LANES; i += 8) {
        vector a = add(&c->ones, v[i], v[i + 1]), b = add(&c->ones, v[i + 2], v[i + 3]);
        vector d = add(&c->ones, v[i + 4], v[i + 5]), e = add(&c->ones, v[i + 6], v[i + 7]);
        vector f = add(&c->twos, a, b), g = add(&c->twos, d, e);
        c->eights += bits(add(&c->fours, f, g));
    }
}
static inline uint64_t total(const counter *c) {
    vector sum = c->eights * 8 + bits(c->fours) * 4 + bits(c->twos) * 2 + bits(c->ones);
    uint64_t total = 0;
    for (int lane = 0; lane < LANES; lane++) total += sum[lane];
    return total;
}
#endif

/* levels[learner * competencies + competency] is 0...4; column (competency * 4 + level - 1) has who is there or above. */
void columns(const uint8_t *levels, size_t learners, size_t competencies, size_t words, uint64_t *out) {
    for (size_t first = 0; first < learners; first += 64) {
        size_t count = learners - first < 64 ? learners - first : 64;
        for (size_t competency = 0; competency < competencies; competency++) {
            uint64_t one = 0, two = 0, three = 0, four = 0;
            const uint8_t *level = levels + first * competencies + competency;
            for (size_t learner = 0; learner < count; learner++, level += competencies) {
                one |= (uint64_t)(*level >= 1) << learner;
                two |= (uint64_t)(*level >= 2) << learner;
                three |= (uint64_t)(*level >= 3) << learner;
                four |= (uint64_t)(*level >= 4) << learner;
            }
            uint64_t *column = out + competency * 4 * words + first / 64;
            column[0] = one;
            column[words] = two;
            column[2 * words] = three;
            column[3 * words] = four;
        }
    }
}
