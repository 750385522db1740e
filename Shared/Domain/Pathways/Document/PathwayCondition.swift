extension PathwayDocument {
    /// How many of the operands have to be met. Only `none`, and a constraint that bounds something from above, can
    /// take away: in a document without them (`isMonotone`) one more attainment never lowers anything.
    package struct Condition: Hashable, Sendable {
        package var require: Requirement
        /// At least one.
        package var of: [Operand]

        package init(_ require: Requirement, of operands: [Operand]) {
            self.require = require
            self.of = operands
        }

        package enum Requirement: Hashable, Sendable {
            case all
            case any
            /// Counted over **all** operands, nested conditions included; a component named twice counts twice.
            case atLeast(Int)
            /// Not any of them.
            case none

            /// The number behind the word; for `none` how many there would have to be to break it.
            package func count(of operands: Int) -> Int {
                switch self {
                case .all: operands
                case .any, .none: 1
                case .atLeast(let number): number
                }
            }
        }

        package enum Operand: Hashable, Sendable {
            /// The id of a component of the same document.
            case component(String)
            case condition(Condition)
            case constraint(Constraint)
        }
    }
}

extension PathwayDocument.Condition: Codable {
    private enum Member: String, CodingKey, CaseIterable { case require, of }

    package init(from decoder: any Decoder) throws {
        // Each nested condition sits one `of` deeper; the bound here is what keeps the recursion finite.
        let around = decoder.codingPath.count { $0.stringValue == Member.of.rawValue }
        guard around < PathwayDocument.Bounds.depth else {
            throw DecodingError.dataCorrupted(.init(
                codingPath: decoder.codingPath,
                debugDescription: "is a condition nested more than \(PathwayDocument.Bounds.depth) deep; "
                    + "give the inner part a component of its own"))
        }
        let members = try decoder.membersOfPathway("a condition", Member.self)
        require = try members.decode(Requirement.self, forKey: .require)
        var list = try members.nestedUnkeyedContainer(forKey: .of)
        var operands: [Operand] = []
        operands.reserveCapacity(min(list.count ?? 0, PathwayDocument.Bounds.operands))
        while !list.isAtEnd {
            if let id = try? list.decode(String.self) {
                operands.append(.component(id))
            } else {
                operands.append(try list.decode(Composite.self).operand)
            }
        }
        of = operands
    }

    package func encode(to encoder: any Encoder) throws {
        var members = encoder.container(keyedBy: Member.self)
        try members.encode(require, forKey: .require)
        var list = members.nestedUnkeyedContainer(forKey: .of)
        for operand in of {
            switch operand {
            case .component(let id): try list.encode(id)
            case .condition(let condition): try list.encode(condition)
            case .constraint(let constraint): try list.encode(constraint)
            }
        }
    }

    /// An operand that is an object: a constraint has a measure, a condition has none.
    private struct Composite: Decodable {
        var operand: Operand

        init(from decoder: any Decoder) throws {
            let isConstraint = try decoder.container(keyedBy: TextKey.self).contains(TextKey("measure"))
            operand = isConstraint
                ? .constraint(try PathwayDocument.Constraint(from: decoder))
                : .condition(try PathwayDocument.Condition(from: decoder))
        }
    }
}

extension PathwayDocument.Condition.Requirement: Codable {
    package init(from decoder: any Decoder) throws {
        let value = try decoder.singleValueContainer()
        if let number = try? value.decode(Int.self) {
            self = .atLeast(number)
            return
        }
        switch try? value.decode(String.self) {
        case "all": self = .all
        case "any": self = .any
        case "none": self = .none
        case let word:
            let what = word.map { "; `\($0.prefix(64))` is not supported by this version" } ?? ""
            throw DecodingError.dataCorruptedError(
                in: value, debugDescription: "must be \"all\", \"any\", \"none\" or a whole number\(what)")
        }
    }

    package func encode(to encoder: any Encoder) throws {
        var value = encoder.singleValueContainer()
        switch self {
        case .all: try value.encode("all")
        case .any: try value.encode("any")
        case .none: try value.encode("none")
        case .atLeast(let number): try value.encode(number)
        }
    }
}
