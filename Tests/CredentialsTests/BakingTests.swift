import Domain
import Foundation
import Support
import Testing
@testable import Credentials

struct BakingTests {
    static let folder = "standards/openbadges-3.0/samples/1edtech-validator"
    /// One transparent pixel.
    static let pixel = Base64URL.decode("iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNkYPhfDwAChwGA60e6kgAAAABJRU5ErkJggg")!
    static let drawing = Array(#"<?xml version="1.0"?><!-- <svg> --><svg width="1" xmlns="http://www.w3.org/2000/svg"><rect width="1" height="1"/></svg>"#.utf8)

    @Test(arguments: ["pixel", "drawing"]) func `JSON and JWT go in and come out`(picture: String) throws {
        let image = picture == "pixel" ? Self.pixel : Self.drawing
        let json = JSONValue.object(try Sample.badge().unsigned()).serialized(), token = Array("eyJhbGciOiJub25lIn0.e30.AA".utf8)
        for text in [json, token] {
            let baked = picture == "pixel" ? try PNG.bake(text, into: image) : try SVG.bake(text, into: image)
            let opened = try CredentialFile.open(baked)
            #expect(opened.text == text && opened.kind == (picture == "pixel" ? .png : .svg))
        }
    }

    @Test func `a picture that is baked again holds one credential`() throws {
        let once = try PNG.bake(Array("{}".utf8), into: Self.pixel), twice = try PNG.bake(Array("{\"a\":1}".utf8), into: once)
        #expect(try PNG.extract(twice) == Array("{\"a\":1}".utf8))
        let drawing = try SVG.bake(Array("{}".utf8), into: Self.drawing)
        #expect(throws: CredentialError.self) { _ = try SVG.bake(Array("{}".utf8), into: drawing) }
    }

    @Test func `brackets that would end CDATA are spelled otherwise`() throws {
        let text = Array(#"{"a":"x]]>y<&\"é"}"#.utf8)
        let out = try SVG.extract(SVG.bake(text, into: Self.drawing))
        #expect(try JSONValue.parse(out) == JSONValue.parse(text))
    }

    @Test(.needsShared(folder), arguments: ["simple-json.png", "simple-jwt.png"]) func `1EdTech's pictures are read`(name: String) throws {
        let image = try SharedFiles.bytes("\(Self.folder)/\(name)")
        let text = try CredentialFile.open(image).text
        let again = try PNG.bake(text, into: image)
        let name = try Opened(text).credential["name"]?.text, extracted = try PNG.extract(again)
        #expect(extracted == text && name == "Teamwork Badge")
    }

    @Test func `pictures that are cut, damaged or lie about their lengths are refused`() throws {
        let baked = try PNG.bake(Array("{}".utf8), into: Self.pixel)
        for length in baked.indices { #expect(throws: CredentialError.self) { try PNG.extract(Array(baked[..<length])) } }
        var damaged = baked
        damaged[50] ^= 1
        #expect(throws: CredentialError.self) { try PNG.extract(damaged) }
        var long = baked
        long.replaceSubrange(8..<12, with: [0xFF, 0xFF, 0xFF, 0xFF])
        #expect(throws: CredentialError.self) { try PNG.extract(long) }
        #expect(throws: CredentialError.self) { try PNG.extract(Self.pixel) }
    }

    @Test(arguments: [
        "<svg", "<svg a=1/>", "<svg a='1' a='2'/>", "<svg>", "", "<!DOCTYPE svg [<!ENTITY a \"b\">]><svg/>",
        "<svg xmlns:o='https://purl.imsglobal.org/ob/v3p0'><o:credential verify='a'/><o:credential verify='b'/></svg>",
        "<svg xmlns:o='https://purl.imsglobal.org/ob/v3p0'><o:credential>", "<svg xmlns:o='https://purl.imsglobal.org/ob/v3p0'><o:credential/></svg>",
        "<svg xmlns:o='https://purl.imsglobal.org/ob/v3p0'><o:credential verify='&bomb;'/></svg>", "<svg><credential verify='a'/></svg>",
        "<html/>",
    ])
    func `drawings that are none, or hold no credential, are refused`(text: String) {
        #expect(throws: CredentialError.self) { try SVG.extract(Array(text.utf8)) }
    }
}
