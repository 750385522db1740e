import Domain

/// Who issues, creates or is the source: an organization or a person.
package struct Profile: Sendable {
    /// A DID or an https address.
    package var id: String
    package var name: String?
    package var url: String?
    package var email: String?
    package var description: String?
    package var image: BadgeImage?

    package init(
        id: String, name: String? = nil, url: String? = nil, email: String? = nil, description: String? = nil,
        image: BadgeImage? = nil
    ) {
        self.id = id
        self.name = name
        self.url = url
        self.email = email
        self.description = description
        self.image = image
    }

    package var json: JSONValue {
        var object: JSONObject = ["id": .string(id), "type": ["Profile"]]
        object.put("name", name)
        object.put("url", url)
        object.put("email", email)
        object.put("description", description)
        object.put("image", image?.json)
        return .object(object)
    }
}

/// An address, or a `data:` URL with the picture in it.
package struct BadgeImage: Sendable {
    package var id: String
    package var caption: String?

    package init(id: String, caption: String? = nil) {
        self.id = id
        self.caption = caption
    }

    package var json: JSONValue {
        var object: JSONObject = ["id": .string(id), "type": "Image"]
        object.put("caption", caption)
        return .object(object)
    }
}
