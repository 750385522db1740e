/// The error codes of JSON-LD 1.1, API §9.4, in its own words.
enum JSONLDCode: String {
    case collidingKeywords = "colliding keywords"
    case contextOverflow = "context overflow"
    case cyclicIRIMapping = "cyclic IRI mapping"
    case invalidIDValue = "invalid @id value"
    case invalidImportValue = "invalid @import value"
    case invalidIncludedValue = "invalid @included value"
    case invalidIndexValue = "invalid @index value"
    case invalidNestValue = "invalid @nest value"
    case invalidPrefixValue = "invalid @prefix value"
    case invalidPropagateValue = "invalid @propagate value"
    case invalidProtectedValue = "invalid @protected value"
    case invalidReverseValue = "invalid @reverse value"
    case invalidVersionValue = "invalid @version value"
    case invalidBaseDirection = "invalid base direction"
    case invalidBaseIRI = "invalid base IRI"
    case invalidContainerMapping = "invalid container mapping"
    case invalidContextEntry = "invalid context entry"
    case invalidContextNullification = "invalid context nullification"
    case invalidDefaultLanguage = "invalid default language"
    case invalidIRIMapping = "invalid IRI mapping"
    case invalidKeywordAlias = "invalid keyword alias"
    case invalidLanguageMapValue = "invalid language map value"
    case invalidLanguageMapping = "invalid language mapping"
    case invalidLanguageTaggedString = "invalid language-tagged string"
    case invalidLanguageTaggedValue = "invalid language-tagged value"
    case invalidLocalContext = "invalid local context"
    case invalidRemoteContext = "invalid remote context"
    case invalidReverseProperty = "invalid reverse property"
    case invalidReversePropertyMap = "invalid reverse property map"
    case invalidReversePropertyValue = "invalid reverse property value"
    case invalidScopedContext = "invalid scoped context"
    case invalidSetOrListObject = "invalid set or list object"
    case invalidTermDefinition = "invalid term definition"
    case invalidTypeMapping = "invalid type mapping"
    case invalidTypeValue = "invalid type value"
    case invalidTypedValue = "invalid typed value"
    case invalidValueObject = "invalid value object"
    case invalidValueObjectValue = "invalid value object value"
    case invalidVocabMapping = "invalid vocab mapping"
    case keywordRedefinition = "keyword redefinition"
    case listOfLists = "list of lists"
    case loadingRemoteContextFailed = "loading remote context failed"
    case processingModeConflict = "processing mode conflict"
    case protectedTermRedefinition = "protected term redefinition"

    /// Ours: a limit was passed.
    case tooDeep = "too deep"
    case contextWork = "context work"
    case tooManyQuads = "too many quads"
    case tooManyBytes = "too many bytes"

    // Ours, in safe mode: what would have been dropped.
    case undefinedTerm = "undefined term"
    case undefinedType = "undefined type"
    case relativeID = "relative id"
    case reservedTerm = "reserved term"
    case freeFloating = "free floating value"
    case blankPredicate = "blank predicate"
    case malformedIRI = "malformed IRI"
    case malformedLanguage = "malformed language"
    case directionLost = "direction lost"
    case impreciseNumber = "imprecise number"

    /// `jsonld.invalid_id_value` for `invalid @id value`.
    var rule: String {
        var text: [UInt8] = Array("jsonld.".utf8)
        for byte in rawValue.utf8 where byte != UInt8(ascii: "@") {
            switch byte {
            case UInt8(ascii: " "), UInt8(ascii: "-"): text.append(UInt8(ascii: "_"))
            case UInt8(ascii: "A")...UInt8(ascii: "Z"): text.append(byte | 0x20)
            default: text.append(byte)
            }
        }
        return String(decoding: text, as: UTF8.self)
    }
}

extension LinkedDataError {
    init(_ code: JSONLDCode, _ term: String? = nil, _ message: String) {
        self.init(rule: code.rule, term: term, message: message)
    }
}
