//! The page that shows pictures beside those of the last time.

use super::difference::Difference;
use super::{CHANGED, LAST};

/// A picture and how it differs from the last one.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Comparison {
    /// The name of its file, which is made of letters, digits and hyphens.
    pub(super) name: String,
    pub(super) difference: Difference,
}

impl Comparison {
    pub(super) fn is_change(&self) -> bool {
        self.difference != Difference::None
    }

    /// How much it is worth a look.
    pub(super) fn weight(&self) -> f64 {
        match self.difference {
            Difference::None => 0.0,
            Difference::New | Difference::Gone => 101.0,
            Difference::Changed { percent, .. } => percent,
        }
    }
}

const HEAD: &str = "<!DOCTYPE html>
<html lang=\"en\">
<meta charset=\"utf-8\">
<meta name=\"viewport\" content=\"width=device-width\">
<title>Pictures of Occam Keys</title>
<style>
:root { color-scheme: light dark; font: 100%/1.5 system-ui, sans-serif; }
body { margin: 1.5rem; }
section { margin-block: 2rem; }
h2 { font-size: 1.125rem; }
.row { display: flex; gap: 1rem; align-items: start; }
figure { margin: 0; flex: 1 1 0; min-width: 0; max-width: 40rem; }
img { max-width: 100%; border: 1px solid GrayText; }
.all { display: grid; grid-template-columns: repeat(auto-fill, minmax(16rem, 1fr)); gap: 1rem; }
</style>
";

/// The page. Changed pictures come first, each with the last one and with what has changed.
pub(super) fn page(comparisons: &[Comparison]) -> String {
    let mut page = HEAD.to_owned();
    let (changed, same): (Vec<_>, Vec<_>) = comparisons.iter().partition(|it| it.is_change());
    page += &format!(
        "<h1>Pictures of Occam Keys</h1>\n<p>{} not as before, {} unchanged.</p>\n",
        changed.len(),
        same.len()
    );
    for Comparison { name, difference } in changed {
        let state = name.trim_end_matches(".png");
        let (words, before, marks, after) = match difference {
            Difference::New => ("new".to_owned(), false, false, true),
            Difference::Gone => ("gone".to_owned(), true, false, false),
            _ => (percent_in_words(difference), true, true, true),
        };
        page += &format!("<section>\n<h2>{state}: {words}</h2>\n<div class=\"row\">\n");
        for (is_there, title, folder) in [
            (before, "before", format!("{LAST}/")),
            (after, "after", String::new()),
            (marks, "changed", format!("{CHANGED}/")),
        ] {
            if is_there {
                page += &figure(title, &format!("{folder}{name}"));
            }
        }
        page += "</div>\n</section>\n";
    }
    page += "<h2>Unchanged</h2>\n<div class=\"all\">\n";
    for Comparison { name, .. } in same {
        page += &figure(name.trim_end_matches(".png"), name);
    }
    page + "</div>\n</html>\n"
}

fn percent_in_words(difference: &Difference) -> String {
    match difference {
        Difference::Changed { percent, .. } => format!("{percent:.2} % of the pixels changed"),
        _ => String::new(),
    }
}

fn figure(title: &str, file: &str) -> String {
    format!(
        "<figure><figcaption>{title}</figcaption><a href=\"{file}\"><img src=\"{file}\" \
         alt=\"{title}\" loading=\"lazy\"></a></figure>\n"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_changed_picture_stands_beside_the_last_one_and_before_the_others() {
        let comparison = |name: &str, difference| Comparison { name: name.to_owned(), difference };
        let changed = Difference::Changed { percent: 12.345, marked: Vec::new() };
        let page = page(&[
            comparison("list-light-1280.png", changed),
            comparison("new-dark-390.png", Difference::New),
            comparison("same-dark-390.png", Difference::None),
        ]);
        assert!(page.contains("list-light-1280: 12.35 % of the pixels changed"), "{page}");
        for file in ["last/list-light-1280.png", "changed/list-light-1280.png"] {
            assert!(page.contains(&format!("src=\"{file}\"")), "{file}");
        }
        assert!(!page.contains("last/new-dark-390.png"));
        let place = |text: &str| page.find(text).expect("it is there");
        assert!(place("\"list-light-1280.png") < place("\"same-dark-390.png"));
        assert!(page.contains("2 not as before, 1 unchanged."));
    }
}
