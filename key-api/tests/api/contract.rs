//! The description of the API against the tables of `docs/KEY_API.md`, which are those of the
//! documents that the front end was made from.

use std::collections::BTreeMap;

use key_api::openapi;
use serde_json::{Value, json};

const PAGE: &str = include_str!("../../../docs/KEY_API.md");

fn document() -> Value {
    serde_json::from_str(openapi::DOCUMENT).expect("JSON")
}

/// The cells of a table's rows, below the header that begins with `first`.
fn table(first: &str) -> Vec<Vec<&'static str>> {
    let head = format!("| {first} |");
    let rows = PAGE.lines().skip_while(|line| !line.starts_with(&head)).skip(2);
    let rows = rows.take_while(|line| line.starts_with('|'));
    rows.map(|row| row.trim_matches('|').split(" | ").map(str::trim).collect()).collect()
}

/// What stands between backticks.
fn quoted(text: &str) -> Vec<&str> {
    text.split('`').skip(1).step_by(2).collect()
}

/// The statuses that a cell names: numbers of three digits.
fn statuses(text: &str) -> Vec<&str> {
    let words = text.split(|c: char| !c.is_ascii_alphanumeric());
    words.filter(|word| word.len() == 3 && word.parse::<u16>().is_ok()).collect()
}

/// The schema of a type as the page writes it.
fn schema_of(kind: &str) -> Value {
    match kind {
        "str" => json!({ "type": "string" }),
        "int" => json!({ "type": "integer" }),
        "float" => json!({ "type": "number" }),
        "datetime" => json!({ "type": "string", "format": "date-time" }),
        "str = \"Bearer\"" => json!({ "type": "string", "default": "Bearer" }),
        "[{loc: [str or int], msg: str, type: str}]" => {
            json!({ "type": "array", "items": { "$ref": "#/components/schemas/ValidationError" } })
        }
        other => panic!("the page has a type {other}"),
    }
}

/// The type, format and default of a field, without what is said about it besides.
fn essence(field: &Value) -> Value {
    let keys = ["type", "default", "items"];
    let mut kept: serde_json::Map<_, _> = keys
        .into_iter()
        .filter_map(|key| Some((key.to_owned(), field.get(key)?.clone())))
        .collect();
    if field["format"] == "date-time" {
        kept.insert("format".to_owned(), field["format"].clone());
    }
    kept.into()
}

/// Each model of the page: its fields with their types, and whether they are required.
fn models() -> BTreeMap<&'static str, BTreeMap<&'static str, (Value, bool)>> {
    let mut models: BTreeMap<_, BTreeMap<_, _>> = BTreeMap::new();
    for row in table("model") {
        let Some(name) = quoted(row[0]).first().copied() else { continue };
        let mut fields = BTreeMap::new();
        if row[1].starts_with("the same and") {
            fields.clone_from(&models["AccessTokenResponse"]);
        }
        let mut rest = row[1];
        while let Some((_, after)) = rest.split_once('`') {
            let (field, after) = after.split_once('`').expect("backticks come in pairs");
            let (field, kind) = field.split_once(": ").expect("a name and a type");
            let required = !after.trim_start().starts_with("(optional)");
            fields.insert(field, (schema_of(kind), required));
            rest = after;
        }
        models.insert(name, fields);
    }
    models
}

#[test]
fn the_description_says_what_the_documents_say() {
    let document = document();
    let operations = table("operation");
    assert_eq!(operations.len(), 7, "{operations:?}");
    for row in operations {
        let [id, request, success, failures] = row[..] else { panic!("{row:?}") };
        let id = quoted(id)[0];
        let (method, target) = quoted(request)[0].split_once(' ').expect("a method and a path");
        let path = target.split('?').next().expect("a path");
        let operation = &document["paths"][path][method.to_lowercase()];
        assert_eq!(operation["operationId"], id);

        let names: Vec<_> = operation["responses"].as_object().expect("answers").keys().collect();
        for status in statuses(success).into_iter().chain(statuses(failures)) {
            assert!(names.iter().any(|name| *name == status), "{id}: {status}");
            let answer = &operation["responses"][status]["content"]["application/json"]["schema"];
            let expected = match (status, quoted(success).first()) {
                ("422", _) => reference("HTTPValidationError"),
                ("200", None) => json!({ "type": "object" }),
                ("200", Some(model)) => match model.strip_prefix('[') {
                    Some(model) => {
                        json!({ "type": "array", "items": reference(model.trim_end_matches(']')) })
                    }
                    None => reference(model),
                },
                _ => reference("Error"),
            };
            assert_eq!(*answer, expected, "{id}: {status}");
        }
        for words in failures.split('"').skip(1).step_by(2) {
            let said = operation["responses"].to_string();
            assert!(said.contains(words), "{id}: {words}");
        }
        let is_secured = operation["security"] == json!([{ "OAuth2PasswordBearer": [] }]);
        assert_eq!(is_secured, !id.starts_with("auth_"), "{id}");
        check_request(&document, operation, id, request);
    }
}

/// What an operation takes, against the cell that says so.
#[track_caller]
fn check_request(document: &Value, operation: &Value, id: &str, request: &str) {
    let body = &operation["requestBody"]["content"];
    let fields_of = |content: &Value| -> (Vec<String>, Vec<String>) {
        let name = content["schema"]["$ref"].as_str().expect("a model");
        let model = document.pointer(&name[1..]).expect("a model");
        let mut all: Vec<_> =
            model["properties"].as_object().expect("fields").keys().cloned().collect();
        let required = model["required"].as_array().expect("a list").iter();
        let mut required: Vec<_> =
            required.map(|name| name.as_str().expect("a name").to_owned()).collect();
        all.sort();
        required.sort();
        (all, required)
    };
    if request.contains("application/x-www-form-urlencoded") {
        let (required, optional) = request.split_once(", optional").expect("optional fields");
        let mut required: Vec<_> = quoted(required)[2..].to_vec();
        let mut all = [&required[..], &quoted(optional)].concat();
        required.sort_unstable();
        all.sort_unstable();
        let (sent, needed) = fields_of(&body["application/x-www-form-urlencoded"]);
        assert_eq!((sent, needed), (owned(&all), owned(&required)), "{id}");
    } else if let Some((_, text)) = request.split_once("JSON `{\"") {
        let field = text.split('"').next().expect("a field").to_owned();
        let fields = fields_of(&body["application/json"]);
        assert_eq!(fields, (vec![field.clone()], vec![field]), "{id}");
    } else if let Some((_, model)) = request.split_once("JSON `") {
        let model = model.trim_end_matches('`');
        assert_eq!(body["application/json"]["schema"], reference(model), "{id}");
    } else {
        assert!(operation["requestBody"].is_null(), "{id}");
    }
    if let Some((_, query)) = request.split_once('?') {
        let name = query.split('=').next().expect("a name");
        assert_eq!(operation["parameters"][0]["name"], name, "{id}");
        assert_eq!(operation["parameters"][0]["required"], true, "{id}");
    }
}

#[test]
fn the_models_have_the_fields_of_the_documents_and_no_others() {
    let document = document();
    let models = models();
    assert_eq!(models.len(), 7);
    for (name, fields) in models {
        let model = &document["components"]["schemas"][name];
        let found: BTreeMap<_, _> = model["properties"]
            .as_object()
            .unwrap_or_else(|| panic!("{name} is not described"))
            .iter()
            .map(|(field, schema)| {
                let required =
                    model["required"].as_array().is_some_and(|all| all.contains(&json!(field)));
                (field.as_str(), (essence(schema), required))
            })
            .collect();
        assert_eq!(found, fields, "{name}");
    }
    let error = &document["components"]["schemas"]["Error"];
    assert_eq!(error["required"], json!(["detail"]));
    let fault = &document["components"]["schemas"]["ValidationError"];
    assert_eq!(fault["required"], json!(["loc", "msg", "type"]));
    let place = json!([{ "type": "string" }, { "type": "integer" }]);
    assert_eq!(fault["properties"]["loc"]["items"]["anyOf"], place);
}

fn reference(model: &str) -> Value {
    json!({ "$ref": format!("#/components/schemas/{model}") })
}

fn owned(names: &[&str]) -> Vec<String> {
    names.iter().map(|&name| name.to_owned()).collect()
}
