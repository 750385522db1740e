import Domain

/// How the bundled contexts are written, a line each:
///
///     abbreviate ob https://example.org/vocab#     ob|name is short for the IRI, in this text only
///     @protected                                   so are all terms of this context
///     @version 1.1
///     @vocab ob|
///     name ob|name                                 a term and its IRI
///     name ob|name type=@id container=@set         and its type and container
///     prefix ob| plain                             an IRI that ends like a prefix's and is none
///     name ob|name context=null                    and its scoped context, nothing
///     Name ob|Name {                               and its scoped context, in the lines up to the brace
///     }
///
/// The text is ours, so a mistake in it is a mistake of the program and stops it.
enum ContextNotation {
    static func document(_ text: String) -> JSONValue {
        var abbreviations: [Substring: Substring] = [:]
        // The contexts that are open, each with the term that scopes it.
        var open: [(term: String, definition: JSONObject, context: JSONObject)] = [("", [:], [:])]
        for line in text.split(separator: "\n") {
            let words = line.split(separator: " ")
            guard let first = words.first else { continue }
            func iri(_ place: Int) -> String { expand(words[place], abbreviations) }
            switch first {
            case "abbreviate": abbreviations[words[1]] = words[2]
            case "}":
                var (term, definition, context) = open.removeLast()
                definition["@context"] = .object(context)
                open[open.count - 1].context[term] = .object(definition)
            case "@protected": open[open.count - 1].context["@protected"] = true
            case "@version": open[open.count - 1].context["@version"] = .number(JSONNumber(1.1) ?? JSONNumber(0))
            case "@vocab": open[open.count - 1].context["@vocab"] = .string(iri(1))
            default:
                let definition = Self.definition(iri(1), words.dropFirst(2), abbreviations)
                if words.last == "{" {
                    open.append((String(first), definition, [:]))
                } else {
                    open[open.count - 1].context[String(first)] = words.count == 2 ? .string(iri(1)) : .object(definition)
                }
            }
        }
        precondition(open.count == 1, "A brace is missing in a bundled context.")
        return .object(["@context": .object(open[0].context)])
    }

    private static func definition(
        _ iri: String, _ words: ArraySlice<Substring>, _ abbreviations: [Substring: Substring]
    ) -> JSONObject {
        var definition: JSONObject = ["@id": .string(iri)]
        for word in words {
            let parts = word.split(separator: "=", maxSplits: 1)
            switch parts[0] {
            case "type": definition["@type"] = .string(expand(parts[1], abbreviations))
            case "container": definition["@container"] = .string(String(parts[1]))
            case "context": definition["@context"] = .null
            case "plain", "{": break
            default: preconditionFailure("A bundled context says \(word).")
            }
        }
        return definition
    }

    private static func expand(_ word: Substring, _ abbreviations: [Substring: Substring]) -> String {
        guard let bar = word.firstIndex(of: "|") else { return String(word) }
        guard let iri = abbreviations[word[..<bar]] else {
            preconditionFailure("A bundled context does not say what \(word) abbreviates.")
        }
        return String(iri) + String(word[word.index(after: bar)...])
    }
}
