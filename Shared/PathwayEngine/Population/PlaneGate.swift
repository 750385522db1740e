/// A gate made ready for bit planes: the cheapest form that counts as far as it has to and no farther.
///
/// A plane is one bit a learner, 64 learners a word. `at least r of n` is `any` for r = 1 and `all` for r = n; else
/// the smaller one of two counts is taken, of the met operands up to r or of the missing ones up to n - r + 1. A
/// counter of b bit-sliced digits begins at 2^b - bound, so that reaching the bound is its overflow.
struct PlaneGate: Sendable {
    enum Form: Sendable {
        case any, all
        /// Overflow of one digit (bound 2), two (3...4), four (5...16), or as many as it takes.
        case one, two, four, many
    }

    let form: Form
    let count: Int
    /// How many operands reach the counter's overflow.
    let bound: Int
    /// Missing operands are counted, and the outcome is the opposite of the overflow.
    let countsMissing: Bool
    let isNegated: Bool

    init(required: Int, of count: Int, isNegated: Bool) {
        let missing = count - required + 1
        self.count = count
        bound = min(required, missing)
        form = switch bound {
        case ...1: required == 1 ? .any : .all
        case 2: .one
        case 3...4: .two
        case 5...16: .four
        default: .many
        }
        countsMissing = missing < required
        self.isNegated = isNegated
    }
}

/// A sum made ready: where its digits are, and how many digits it takes.
struct PlaneAddition: Sendable {
    struct Group: Sendable {
        var most: Int64?
        var parts: [Part]
        /// A place; nil: nobody's group counts as full.
        var full: Int?
    }

    struct Part: Sendable {
        /// Places, the lowest digit first.
        var digits: [Int]
        /// A place; nil: everybody has it added.
        var gate: Int?
    }

    let groups: [Group]
    let atLeast: Int64
    /// Of every number on the way: 1...63.
    let width: Int

    init(groups: [Group], atLeast: Int64) {
        self.groups = groups
        self.atLeast = atLeast
        var bound: Int64 = 1
        for group in groups {
            var sum = group.parts.reduce(Int64(0)) { Self.sum($0, $1.digits.count >= 62 ? .max : 1 << Int64($1.digits.count)) }
            sum = max(sum, group.most ?? 0)
            bound = Self.sum(bound, sum)
        }
        width = Int64.bitWidth - bound.leadingZeroBitCount
    }

    private static func sum(_ one: Int64, _ other: Int64) -> Int64 {
        let (sum, isOver) = one.addingReportingOverflow(other)
        return isOver ? .max : sum
    }
}
