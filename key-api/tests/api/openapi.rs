//! The API's description of itself against what it is.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use crate::support::TestServer;

fn document() -> Value {
    TestServer::start().call("GET", "/openapi.json").send().ok()
}

#[test]
fn the_document_names_the_operations_of_the_documents() {
    let document = document();
    let mut operations = BTreeMap::new();
    for (path, methods) in document["paths"].as_object().expect("paths") {
        for (method, operation) in methods.as_object().expect("methods") {
            let statuses: Vec<_> =
                operation["responses"].as_object().expect("responses").keys().cloned().collect();
            let secured = operation.get("security").is_some();
            let id = operation["operationId"].as_str().expect("an id").to_owned();
            operations.insert(id, format!("{method} {path} {} {secured}", statuses.join(",")));
        }
    }
    let expected = [
        ("auth_login", "post /auth/access-token 200,400,422,429 false"),
        ("auth_refresh", "post /auth/refresh-token 200,400,404,422 false"),
        ("auth_revoke", "post /auth/revoke 200,422 false"),
        ("auth_token_from_key", "get /auth/access-token 200,400,422 false"),
        ("create_key_keys_put", "put /keys/ 200,401,409,422 true"),
        ("delete_key_keys_uuid_delete", "delete /keys/{uuid} 200,401,404,422 true"),
        ("get_key_usage_keys_uuid_usage_get", "get /keys/{uuid}/usage 200,401,404,422 true"),
        ("healthz", "get /healthz 200 false"),
        ("list_keys_keys_get", "get /keys/ 200,401 true"),
        ("openapi", "get /openapi.json 200 false"),
    ];
    let expected = expected.map(|(id, rest)| (id.to_owned(), rest.to_owned()));
    assert_eq!(operations, BTreeMap::from(expected));
}

#[test]
fn the_document_names_the_header_that_makes_a_creation_repeatable() {
    let put = document()["paths"]["/keys/"]["put"].clone();
    let header = &put["parameters"][0];
    assert_eq!((&header["name"], &header["in"]), (&json!("Idempotency-Key"), &json!("header")));
    assert_eq!(header["required"], false);
    let schema =
        json!({ "type": "string", "minLength": 1, "maxLength": 255, "pattern": "^[!-~]+$" });
    assert_eq!(header["schema"], schema);
    assert!(put["responses"]["409"]["headers"]["Retry-After"].is_object());
}

#[test]
fn the_models_fit_the_shared_fixtures() {
    let document = document();
    for (model, fixture) in [
        ("AccessTokenResponse", include_str!("../../../contract/fixtures/access_token.json")),
        (
            "AccessAndRefreshTokenResponse",
            include_str!("../../../contract/fixtures/access_and_refresh_token.json"),
        ),
        ("APIKeyUsageResponse", include_str!("../../../contract/fixtures/api_key_usage.json")),
        ("VisibleAPIKeyResponse", include_str!("../../../contract/fixtures/visible_api_key.json")),
        ("HiddenAPIKeyResponse", include_str!("../../../contract/fixtures/hidden_api_keys.json")),
        ("HTTPValidationError", include_str!("../../../contract/fixtures/validation_error.json")),
        ("Error", include_str!("../../../contract/fixtures/error_text.json")),
    ] {
        let value: Value = serde_json::from_str(fixture).expect("a JSON fixture");
        let rows = value.as_array().cloned().unwrap_or_else(|| vec![value]);
        for row in rows {
            check_model(&document, model, &row);
        }
    }
}

#[test]
fn every_reference_leads_to_a_model() {
    fn walk(value: &Value, document: &Value) {
        if let Some(reference) = value.get("$ref").and_then(Value::as_str) {
            assert!(document.pointer(&reference[1..]).is_some(), "{reference}");
        }
        match value {
            Value::Object(fields) => fields.values().for_each(|field| walk(field, document)),
            Value::Array(items) => items.iter().for_each(|item| walk(item, document)),
            _ => {}
        }
    }
    let document = document();
    walk(&document, &document);
    assert_eq!(document["openapi"], "3.1.0");
}

/// The fields of `value` must be those of the model, with their types.
#[track_caller]
fn check_model(document: &Value, model: &str, value: &Value) {
    let schema = &document["components"]["schemas"][model];
    let fields = value.as_object().expect("an object");
    for required in schema["required"].as_array().expect("a list") {
        assert!(fields.contains_key(required.as_str().expect("a name")), "{model}: {required}");
    }
    for (name, field) in fields {
        let expected = &schema["properties"][name]["type"];
        let actual = match field {
            Value::String(_) => json!("string"),
            Value::Array(_) => json!("array"),
            Value::Number(number) if number.is_f64() => json!("number"),
            Value::Number(_) => json!("integer"),
            other => panic!("{model}.{name}: {other}"),
        };
        assert_eq!(expected, &actual, "{model}.{name}");
    }
}
