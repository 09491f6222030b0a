//! Every block of commands is run as it stands. The blocks of a page follow one another in one folder, in which there are `demo`,
//! the bundled circuit, where the page does not make it itself, and `old`, a configuration of an older series.
//!
//! A block whose first line begins with [`NOT_RUN`] is left out; the line says to its readers why.

use std::fs;
use std::path::Path;
use std::process::Command;

use pulldown_cmark::{CodeBlockKind, Event, Parser, Tag, TagEnd};

use super::{pages, repository, text};

const NOT_RUN: &str = "# not run by the tests: ";

/// Blocks of shell commands.
fn blocks(text: &str) -> Vec<String> {
    let mut blocks = Vec::new();
    let mut block = None;
    for event in Parser::new(text) {
        match event {
            Event::Start(Tag::CodeBlock(CodeBlockKind::Fenced(language))) if is_shell(&language) => {
                block = Some(String::new());
            }
            Event::Text(line) => block.iter_mut().for_each(|block| block.push_str(&line)),
            Event::End(TagEnd::CodeBlock) => blocks.extend(block.take()),
            _ => {}
        }
    }
    blocks
}

fn is_shell(language: &str) -> bool {
    ["sh", "bash", "console", "shell"].contains(&language)
}

#[test]
fn commands_run() {
    let mut run = 0;
    for page in pages() {
        let name = page.strip_prefix(repository()).unwrap().display().to_string();
        let (left_out, blocks): (Vec<_>, Vec<_>) =
            blocks(&text(&page)).into_iter().partition(|block| block.starts_with(NOT_RUN));
        for block in left_out {
            println!("{name}: left out: {}", block.lines().next().unwrap().strip_prefix(NOT_RUN).unwrap());
        }
        if blocks.is_empty() {
            continue;
        }
        let folder = tempfile::tempdir().unwrap();
        prepare(folder.path(), &blocks);
        for block in blocks {
            println!("{name}:\n{block}");
            let output = shell(folder.path(), &block);
            let told = String::from_utf8_lossy(&output.stderr).into_owned();
            assert!(output.status.success(), "{name}:\n{block}\nends with {}: {told}", output.status);
            run += 1;
        }
    }
    assert!(run > 8, "{run} blocks");
}

/// The transcript of the first run has the lines of a run; its numbers are those of the machine where it was made.
#[test]
fn the_transcript_of_the_first_run_is_current() {
    let folder = tempfile::tempdir().unwrap();
    let output = shell(folder.path(), "msr-cli init demo --no-check --quiet && msr-cli compute demo");
    let told = String::from_utf8(output.stdout).unwrap().replace(&format!("{}/", folder.path().display()), "");
    let chapter = text(&repository().join("docs/src/first-run.md"));
    let shown = chapter.split_once("```text\n").and_then(|(_, rest)| rest.split_once("```")).unwrap().0;
    let lines = |text: &str| text.lines().map(without_numbers).collect::<Vec<_>>();
    assert_eq!(lines(shown), lines(&told), "what is told now:\n{told}");
}

/// A line with `N` for each number, and one space for several.
fn without_numbers(line: &str) -> String {
    let is_number = |word: &str| word.starts_with(|sign: char| sign.is_ascii_digit());
    let bare = |word: &str| if is_number(word) { "N".to_owned() } else { word.to_owned() };
    line.split_whitespace().map(|word| bare(word.trim_matches(['(', ')', ',']))).collect::<Vec<_>>().join(" ")
}

fn prepare(folder: &Path, blocks: &[String]) {
    if !blocks.iter().any(|block| block.contains("init demo")) {
        assert!(shell(folder, "msr-cli init demo --no-check").status.success());
    }
    fs::create_dir(folder.join("old")).unwrap();
    let older = repository().join("msr-cli/tests/published/events.json");
    fs::copy(older, folder.join("old/simulation_config.json")).unwrap();
}

fn shell(folder: &Path, commands: &str) -> std::process::Output {
    let program = assert_cmd::cargo::cargo_bin("msr-cli");
    let path = format!("{}:{}", program.parent().unwrap().display(), std::env::var("PATH").unwrap());
    Command::new("bash")
        .args(["-euo", "pipefail", "-c", commands])
        .current_dir(folder)
        .env("PATH", path)
        .env("HOME", folder)
        .output()
        .unwrap()
}
