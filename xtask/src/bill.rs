//! The bill of materials: which crates are in the site, in which version and under which licence.
//!
//! CycloneDX 1.6, <https://cyclonedx.org/docs/1.6/json/>. It names no time and no machine, so one
//! commit makes one bill.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};

use crate::process::{Failure, Result, capture, cargo};
use crate::toolchain::WASM;
use crate::workspace::Workspace;

/// The package that the site is built from.
const SITE: &str = "occam-keys";

/// The version of the site and its bill.
#[derive(Debug, PartialEq)]
pub(crate) struct Bill {
    pub(crate) version: String,
    pub(crate) json: Value,
}

/// Asks cargo for the crates of `Cargo.lock` that are compiled into the site.
pub(crate) fn make(workspace: &Workspace) -> Result<Bill> {
    let arguments = ["metadata", "--locked", "--format-version", "1", "--filter-platform", WASM];
    let metadata = capture(
        cargo().current_dir(&workspace.root).args(arguments),
        "Reading the crates with `cargo metadata`",
    )?;
    serde_json::from_str(&metadata).ok().and_then(|metadata| bill(&metadata)).ok_or_else(|| {
        Failure::new(
            "The answer of `cargo metadata` has no graph of crates.",
            "Check that `cargo` on PATH is the real cargo.",
        )
    })
}

fn bill(metadata: &Value) -> Option<Bill> {
    let by_id = |list: &Value| -> Option<BTreeMap<String, Value>> {
        let pairs = list
            .as_array()?
            .iter()
            .filter_map(|entry| Some((entry.get("id")?.as_str()?.to_owned(), entry.clone())));
        Some(pairs.collect())
    };
    let packages = by_id(metadata.get("packages")?)?;
    let nodes = by_id(metadata.pointer("/resolve/nodes")?)?;
    let site = packages.values().find(|package| package["name"] == SITE)?;
    let root = site["id"].as_str()?;

    let mut edges: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    let mut open = vec![root];
    while let Some(id) = open.pop() {
        if edges.contains_key(id) {
            continue;
        }
        let found: BTreeSet<&str> = needed_by(nodes.get(id)?).collect();
        open.extend(&found);
        edges.insert(id, found);
    }
    let reference = |id: &str| packages.get(id).map(package_url);
    let mut components = Vec::new();
    let mut dependencies = Vec::new();
    for (id, needed) in &edges {
        if *id != root {
            components.push(component(packages.get(*id)?, "library"));
        }
        let mut needed: Vec<String> = needed.iter().filter_map(|id| reference(id)).collect();
        needed.sort();
        dependencies.push(json!({ "ref": reference(id)?, "dependsOn": needed }));
    }
    components.sort_by_key(|component| component["bom-ref"].to_string());
    dependencies.sort_by_key(|dependency| dependency["ref"].to_string());
    let json = json!({
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "version": 1,
        "metadata": { "component": component(site, "application") },
        "components": components,
        "dependencies": dependencies,
    });
    Some(Bill { version: site["version"].as_str()?.to_owned(), json })
}

/// What a crate needs to be compiled, but not for its tests or its build script.
fn needed_by(node: &Value) -> impl Iterator<Item = &str> {
    let needed = node["deps"].as_array().map(Vec::as_slice).unwrap_or_default();
    let is_normal = |dependency: &&Value| {
        let kinds = dependency["dep_kinds"].as_array();
        kinds.is_some_and(|kinds| kinds.iter().any(|kind| kind["kind"].is_null()))
    };
    needed.iter().filter(is_normal).filter_map(|dependency| dependency["pkg"].as_str())
}

fn component(package: &Value, kind: &str) -> Value {
    let mut component = json!({
        "type": kind,
        "bom-ref": package_url(package),
        "name": package["name"],
        "version": package["version"],
        "purl": package_url(package),
    });
    if let Some(licence) = package["license"].as_str() {
        // An old way to write the same.
        let expression = licence.replace('/', " OR ");
        component["licenses"] = json!([{ "expression": expression }]);
    }
    component
}

fn package_url(package: &Value) -> String {
    let text = |name: &str| package[name].as_str().unwrap_or_default();
    format!("pkg:cargo/{}@{}", text("name"), text("version"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn metadata() -> Value {
        let package = |id: &str, name: &str, licence: &str| json!({ "id": id, "name": name, "version": "1.2.3", "license": licence });
        let dependency =
            |id: &str, kind: Value| json!({ "pkg": id, "dep_kinds": [{ "kind": kind }] });
        json!({
            "packages": [
                package("1", SITE, "MIT"),
                package("2", "leptos", "MIT/Apache-2.0"),
                package("3", "only-for-tests", "MIT"),
                package("4", "below", "Zlib"),
                package("5", "key-api", "MIT"),
            ],
            "resolve": { "nodes": [
                { "id": "1", "deps": [dependency("2", Value::Null), dependency("3", json!("dev"))] },
                { "id": "2", "deps": [dependency("4", Value::Null)] },
                { "id": "3", "deps": [] },
                { "id": "4", "deps": [dependency("2", json!("dev"))] },
                { "id": "5", "deps": [dependency("3", Value::Null)] },
            ] },
        })
    }

    #[test]
    fn what_is_compiled_into_the_site_is_listed_and_nothing_else() {
        let bill = bill(&metadata()).expect("it has a graph");
        assert_eq!(bill.version, "1.2.3");
        let names: Vec<&str> = bill.json["components"]
            .as_array()
            .expect("a list")
            .iter()
            .filter_map(|component| component["name"].as_str())
            .collect();
        assert_eq!(names, ["below", "leptos"]);
        let leptos = &bill.json["components"][1];
        assert_eq!(leptos["purl"], "pkg:cargo/leptos@1.2.3");
        assert_eq!(leptos["licenses"][0]["expression"], "MIT OR Apache-2.0");
        let of_leptos = &bill.json["dependencies"][1];
        assert_eq!(of_leptos["ref"], "pkg:cargo/leptos@1.2.3");
        assert_eq!(of_leptos["dependsOn"], json!(["pkg:cargo/below@1.2.3"]));
    }

    #[test]
    fn an_answer_without_a_graph_is_no_bill() {
        assert_eq!(bill(&json!({})), None);
        assert_eq!(bill(&json!({ "packages": [], "resolve": { "nodes": [] } })), None);
    }
}
