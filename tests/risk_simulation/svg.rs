//! The parts of SVG that the plots need, on a white background so that they are legible on dark
//! pages.

use std::fmt::Write;

pub const INK: &str = "#1a1a1a";
pub const FAINT: &str = "#d9d9d9";
pub const GREY: &str = "#6b6b6b";

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Anchor {
    Start,
    Middle,
    End,
}

pub struct Svg {
    width: f64,
    height: f64,
    body: String,
}

impl Svg {
    pub fn new(width: f64, height: f64) -> Self {
        Self { width, height, body: String::new() }
    }

    fn add(&mut self, element: std::fmt::Arguments<'_>) {
        self.body.write_fmt(format_args!("{element}\n")).expect("a string takes all");
    }

    pub fn rect(&mut self, (x, y): (f64, f64), (width, height): (f64, f64), fill: &str) {
        self.add(format_args!(
            r#"<rect x="{x:.1}" y="{y:.1}" width="{width:.1}" height="{height:.1}" fill="{fill}"/>"#
        ));
    }

    pub fn line(&mut self, (x1, y1): (f64, f64), (x2, y2): (f64, f64), stroke: &str) {
        self.add(format_args!(
            r#"<line x1="{x1:.1}" y1="{y1:.1}" x2="{x2:.1}" y2="{y2:.1}" stroke="{stroke}"/>"#
        ));
    }

    pub fn dot(&mut self, (x, y): (f64, f64), radius: f64, fill: &str) {
        self.add(format_args!(
            r#"<circle cx="{x:.1}" cy="{y:.1}" r="{radius:.1}" fill="{fill}"/>"#
        ));
    }

    /// A curve. `dashes` is an SVG dash pattern, empty for a solid line.
    pub fn curve(&mut self, points: &[(f64, f64)], stroke: &str, width: f64, dashes: &str) {
        let points: Vec<_> = points.iter().map(|(x, y)| format!("{x:.1},{y:.1}")).collect();
        let points = points.join(" ");
        self.add(format_args!(
            "<polyline points=\"{points}\" fill=\"none\" stroke=\"{stroke}\" \
             stroke-width=\"{width}\" stroke-dasharray=\"{dashes}\"/>"
        ));
    }

    pub fn text(&mut self, at: (f64, f64), anchor: Anchor, fill: &str, text: &str) {
        self.styled(at, anchor, fill, "", text);
    }

    pub fn title(&mut self, at: (f64, f64), text: &str) {
        self.styled(at, Anchor::Start, INK, r#" font-weight="600""#, text);
    }

    /// A vertical text, read upwards.
    pub fn upwards(&mut self, (x, y): (f64, f64), fill: &str, text: &str) {
        let turned = format!(r#" transform="rotate(-90 {x:.1} {y:.1})""#);
        self.styled((x, y), Anchor::Middle, fill, &turned, text);
    }

    fn styled(&mut self, (x, y): (f64, f64), anchor: Anchor, fill: &str, more: &str, text: &str) {
        let anchor = match anchor {
            Anchor::Start => "start",
            Anchor::Middle => "middle",
            Anchor::End => "end",
        };
        let text = text.replace('&', "&amp;").replace('<', "&lt;");
        self.add(format_args!(
            "<text x=\"{x:.1}\" y=\"{y:.1}\" text-anchor=\"{anchor}\" \
             fill=\"{fill}\"{more}>{text}</text>"
        ));
    }

    /// The complete file. Screen readers read `title` aloud.
    pub fn end(self, title: &str) -> String {
        let Self { width, height, body } = self;
        format!(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {width} {height}\" \
             width=\"{width}\" height=\"{height}\" role=\"img\" \
             font-family=\"system-ui, sans-serif\" font-size=\"12\">\n<title>{title}</title>\n\
             <rect width=\"100%\" height=\"100%\" fill=\"white\"/>\n{body}</svg>\n"
        )
    }
}
