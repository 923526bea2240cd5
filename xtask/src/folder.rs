//! A site as a folder of files, each that shrinks with its compressed forms beside it.

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};

use brotli::enc::BrotliEncoderParams;
use flate2::Compression;
use flate2::write::GzEncoder;

use crate::finish::{Files, PAGE};
use crate::process::{Failure, Result};

/// The endings of files that shrink; images and fonts are compressed already.
const COMPRESSIBLE: [&str; 8] = ["html", "js", "css", "wasm", "svg", "json", "txt", "webmanifest"];
/// The endings of the compressed forms.
const COMPRESSED: [&str; 2] = ["br", "gz"];

/// A file of the finished site and how many bytes it takes on the wire.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Weight {
    name: String,
    raw: usize,
    brotli: Option<usize>,
}

/// Reads a site without its compressed forms.
pub(crate) fn read_site(folder: &Path) -> Result<Files> {
    let mut files = read_all(folder)?;
    files.retain(|name, _| !is_compressed(name));
    if files.contains_key(PAGE) {
        return Ok(files);
    }
    Err(Failure::new(
        format!("There is no built site in {}.", folder.display()),
        "Run `cargo xtask build` first, or name the folder.",
    ))
}

/// Whether a file is the compressed form of another.
pub(crate) fn is_compressed(name: &str) -> bool {
    name.rsplit_once('.').is_some_and(|(_, ending)| COMPRESSED.contains(&ending))
}

/// Reads every file of a folder that has no folders in it.
pub(crate) fn read_all(folder: &Path) -> Result<Files> {
    let failed = |error| Failure::file("Reading", folder, &error);
    let mut files = Files::new();
    for entry in fs::read_dir(folder).map_err(failed)? {
        let path = entry.map_err(failed)?.path();
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        files.insert(name, read(&path)?);
    }
    Ok(files)
}

/// Reads every file of a folder and of those in it. Its name is its path.
pub(crate) fn read_tree(folder: &Path) -> Result<Files> {
    let failed = |error| Failure::file("Reading", folder, &error);
    let mut files = Files::new();
    for entry in fs::read_dir(folder).map_err(failed)? {
        let path = entry.map_err(failed)?.path();
        if path.is_dir() {
            files.extend(read_tree(&path)?);
            continue;
        }
        files.insert(path.display().to_string(), read(&path)?);
    }
    Ok(files)
}

/// Reads a file.
pub(crate) fn read(path: &Path) -> Result<Vec<u8>> {
    fs::read(path).map_err(|error| Failure::file("Reading", path, &error))
}

/// Writes a site and the compressed forms of its files.
pub(crate) fn write_site(folder: &Path, files: &Files) -> Result<Vec<Weight>> {
    files.iter().map(|(name, content)| write_file(folder, name, content)).collect()
}

/// Writes a file of a site and its compressed forms.
pub(crate) fn write_file(folder: &Path, name: &str, content: &[u8]) -> Result<Weight> {
    let path = folder.join(name);
    write(&path, content)?;
    let mut brotli = None;
    if is_compressible(name) {
        let failed = |error| Failure::file("Compressing", &path, &error);
        let small = brotlied(content).map_err(failed)?;
        brotli = Some(small.len());
        write(&folder.join(format!("{name}.br")), &small)?;
        write(&folder.join(format!("{name}.gz")), &gzipped(content).map_err(failed)?)?;
    }
    Ok(Weight { name: name.to_owned(), raw: content.len(), brotli })
}

pub(crate) fn write(path: &Path, bytes: &[u8]) -> Result<()> {
    let folder = path.parent().unwrap_or(path);
    fs::create_dir_all(folder).map_err(|error| Failure::file("Creating", folder, &error))?;
    fs::write(path, bytes).map_err(|error| Failure::file("Writing", path, &error))
}

/// Puts the folder `next` where `place` is.
pub(crate) fn replace(place: &Path, next: &Path) -> Result<()> {
    if place.exists() {
        fs::remove_dir_all(place).map_err(|error| Failure::file("Removing", place, &error))?;
    }
    fs::rename(next, place).map_err(|error| Failure::file("Creating", place, &error))
}

/// The folder beside this one with `-more` at the end of its name.
pub(crate) fn neighbour(folder: &Path, more: &str) -> PathBuf {
    let name = folder.file_name().unwrap_or_default().to_string_lossy();
    folder.with_file_name(format!("{name}-{more}"))
}

fn is_compressible(name: &str) -> bool {
    name.rsplit_once('.').is_some_and(|(_, ending)| COMPRESSIBLE.contains(&ending))
}

fn brotlied(bytes: &[u8]) -> std::io::Result<Vec<u8>> {
    let parameters = BrotliEncoderParams { quality: 11, lgwin: 24, ..Default::default() };
    let mut small = Vec::new();
    brotli::BrotliCompress(&mut &*bytes, &mut small, &parameters)?;
    Ok(small)
}

/// The encoder writes no time and no name, so the same bytes give the same bytes.
pub(crate) fn gzipped(bytes: &[u8]) -> std::io::Result<Vec<u8>> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(bytes)?;
    encoder.finish()
}

pub(crate) fn table(weights: &[Weight]) -> String {
    let width = weights.iter().map(|weight| weight.name.len()).max().unwrap_or(0).max(5);
    let mut text = format!("{:<width$}  {:>10}  {:>10}\n", "file", "bytes", "brotli");
    let mut row = |name: &str, raw: usize, brotli: Option<usize>| {
        let brotli = brotli.map_or_else(|| "-".to_owned(), |bytes| bytes.to_string());
        text.push_str(&format!("{name:<width$}  {raw:>10}  {brotli:>10}\n"));
    };
    for weight in weights {
        row(&weight.name, weight.raw, weight.brotli);
    }
    let wire = weights.iter().map(|weight| weight.brotli.unwrap_or(weight.raw)).sum();
    row("total", weights.iter().map(|weight| weight.raw).sum(), Some(wire));
    text
}

#[cfg(test)]
mod tests {
    use std::env;
    use std::io::Read;
    use std::process;

    use super::*;

    #[test]
    fn a_written_site_is_whole_and_compressed() {
        let folder = env::temp_dir().join(format!("occam-keys-site-{}", process::id()));
        let page = "<meta name=key-api content>".repeat(40);
        let files: Files =
            [(PAGE.to_owned(), page.clone().into_bytes()), ("a.png".to_owned(), b"png".to_vec())]
                .into();
        let weights = write_site(&folder, &files).expect("the folder is writable");
        let written = read_all(&folder).expect("it was just written");
        let names: Vec<&str> = written.keys().map(String::as_str).collect();
        assert_eq!(names, ["a.png", "index.html", "index.html.br", "index.html.gz"]);
        let mut plain = Vec::new();
        brotli::BrotliDecompress(&mut &*written["index.html.br"], &mut plain)
            .expect("it is brotli");
        assert_eq!(plain, page.as_bytes());
        let mut plain = String::new();
        flate2::read::GzDecoder::new(&*written["index.html.gz"])
            .read_to_string(&mut plain)
            .expect("it is gzip");
        assert_eq!(plain, page);
        assert_eq!(weights[1].raw, page.len());
        assert!(weights[1].brotli.is_some_and(|small| small < 100));
        assert_eq!(read_site(&folder), Ok(files));
        assert!(table(&weights).contains("total"));
        fs::remove_dir_all(&folder).expect("the test made it");
        assert!(read_site(&folder).is_err());
    }

    #[test]
    fn a_neighbour_stands_beside() {
        assert_eq!(neighbour(Path::new("a/dist"), "deploy"), Path::new("a/dist-deploy"));
    }
}
