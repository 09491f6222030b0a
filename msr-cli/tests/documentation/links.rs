//! Links, pictures and included code are there, and every chapter is in the table of contents.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use pulldown_cmark::{Event, Parser, Tag, TagEnd};

use super::{pages, repository, text};

/// Where the links and pictures of a page lead.
fn targets(text: &str) -> Vec<String> {
    let target = |event| match event {
        Event::Start(Tag::Link { dest_url, .. } | Tag::Image { dest_url, .. }) => Some(dest_url.to_string()),
        Event::Html(html) | Event::InlineHtml(html) => {
            html.split_once("src=\"").and_then(|(_, rest)| rest.split_once('"')).map(|(source, _)| source.to_owned())
        }
        _ => None,
    };
    Parser::new(text).filter_map(target).collect()
}

/// What a link to a heading is called, as mdbook and GitHub do it.
fn anchors(text: &str) -> BTreeSet<String> {
    let (mut anchors, mut heading) = (BTreeSet::new(), None);
    for event in Parser::new(text) {
        match event {
            Event::Start(Tag::Heading { .. }) => heading = Some(String::new()),
            Event::Text(part) | Event::Code(part) => heading.iter_mut().for_each(|heading| heading.push_str(&part)),
            Event::End(TagEnd::Heading(_)) => anchors.extend(heading.take().map(|heading| anchor(&heading))),
            _ => {}
        }
    }
    anchors
}

fn anchor(heading: &str) -> String {
    let sign = |sign: char| match sign {
        ' ' => Some('-'),
        sign if sign.is_alphanumeric() || sign == '-' || sign == '_' => Some(sign.to_ascii_lowercase()),
        _ => None,
    };
    heading.chars().filter_map(sign).collect()
}

#[test]
fn links_lead_somewhere() {
    let mut checked = 0;
    for page in pages() {
        let folder = page.parent().unwrap();
        for target in targets(&text(&page)) {
            let is_elsewhere = ["https://", "http://", "mailto:"].iter().any(|scheme| target.starts_with(scheme));
            if is_elsewhere {
                continue;
            }
            let (path, heading) = target.split_once('#').unwrap_or((&target, ""));
            let file = if path.is_empty() { page.clone() } else { folder.join(path) };
            assert!(file.exists(), "{}: there is no {path}", page.display());
            let is_known = heading.is_empty() || anchors(&text(&file)).contains(heading);
            assert!(is_known, "{}: {} has no heading '{heading}'", page.display(), file.display());
            checked += 1;
        }
    }
    assert!(checked > 50, "{checked} links");
}

#[test]
fn included_code_is_there() {
    const INCLUDE: &str = "{{#include ";
    for page in pages() {
        let text_of_page = text(&page);
        for rest in text_of_page.split(INCLUDE).skip(1) {
            let (place, _) = rest.split_once("}}").expect("an include ends");
            let (path, part) = place.split_once(':').unwrap_or((place, ""));
            let source = text(&page.parent().unwrap().join(path));
            let is_there = part.is_empty() || source.contains(&format!("ANCHOR: {part}\n"));
            assert!(is_there, "{}: {path} has no part '{part}'", page.display());
        }
    }
}

#[test]
fn every_chapter_is_in_the_contents() {
    let book = repository().join("docs/src");
    let listed = targets(&text(&book.join("SUMMARY.md")));
    let mut found: Vec<PathBuf> = listed.iter().map(|chapter| book.join(chapter)).collect();
    found.sort();
    let is_chapter = |page: &Path| page.starts_with(&book) && !page.ends_with("SUMMARY.md");
    assert_eq!(found, pages().into_iter().filter(|page| is_chapter(page)).collect::<Vec<_>>());
}
