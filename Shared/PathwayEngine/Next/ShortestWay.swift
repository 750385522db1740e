import Domain

/// What would finish a pathway for one learner: all inclusion-minimal sets of things to acquire, cheapest first, at most
/// as many as were asked for. Each was evaluated with the added attainments before it was given, and without any one of
/// its elements it does not complete.
///
/// JSON: the members as they are named here; those that are nil are left out.
package struct ShortestWay: Hashable, Sendable, Codable {
    /// Ids of the components that are to be met, in the order of the document's destinations.
    package var components: [String]
    /// They are met now; then there are no ways.
    package var isMet: Bool
    /// By cost, then the number of elements. Empty and complete: nothing that can be acquired would do.
    package var ways: [Way]
    /// These are all the minimal sets there are.
    package var isComplete: Bool
    package var ending: CompletionSearch.Ending
    /// Every minimal set that is not listed costs at least this; nil when there is none.
    package var othersCostAtLeast: Double?
    /// Sets of the search that the evaluation did not confirm, and that are therefore not given: a bound from above on
    /// levels or ends of currency can be broken by what is added.
    package var unconfirmed: Int
    /// Operand visits of the search, and the bound that cuts it.
    package var work: Int
    package var workMax: Int

    package struct Way: Hashable, Sendable, Codable {
        /// In the order of the document.
        package var elements: [Element]
        package var cost: Double
        /// No minimal set that is left out is cheaper.
        package var isCheapestProven: Bool
        /// Evaluated with the added attainments. False only if an element is a constraint as a whole, which no
        /// attainment stands for.
        package var isConfirmed: Bool
        /// It completes whatever the unknown turns out to be. False where something excluded may be held already.
        package var isCertain: Bool
    }

    /// One thing to acquire.
    package struct Element: Hashable, Sendable, Codable {
        package var kind: Kind
        /// IRI; nil for a constraint.
        package var target: String?
        /// The lowest level that will do; nil: any.
        package var level: PathwayDocument.Level?
        /// Given where an assessed attainment would not count.
        package var basis: AttainmentBasis?
        /// Ids of the components that it serves, in the order of the document.
        package var components: [String]
        /// For a top-up: targets that are held and count through a crosswalk once this is held as well.
        package var heldThrough: [String]?
        /// The constraint as a whole.
        package var constraint: PathwayDocument.Constraint?
        /// How much is missing, where the constraint is over credits.
        package var creditsMissing: Double?
        /// What acquiring it earns, by the costs.
        package var credits: Double?
        package var cost: Double
        /// By the costs or their default; otherwise it counts as 1.
        package var isCostGiven: Bool
        /// Its source is behind: it may be held already.
        package var mayBeHeld: Bool

        package enum Kind: String, Hashable, Sendable, Codable, CaseIterable {
            case target
            case topUp = "top_up"
            /// What satisfies it cannot be said as targets: credits whose amounts were not given, a level or end of
            /// currency that is bounded from above.
            case constraint
        }
    }

    package enum Goal: Hashable, Sendable {
        /// All destinations of the document.
        case destinations
        /// One component, a milestone perhaps.
        case component(String)
    }

    package enum Refused: Error, Hashable, CustomStringConvertible {
        case unknownComponent(String)
        case costs(CompletionCosts.OutOfRange)

        package var description: String {
            switch self {
            case .unknownComponent(let id): "There is no component `\(id)` in the pathway."
            case .costs(let error): error.description
            }
        }
    }
}
