//! Plots as SVG: lines over a logarithmic axis.

use std::fmt::Write;

const WIDTH: f64 = 860.0;
const HEIGHT: f64 = 360.0;
const LEFT: f64 = 60.0;
const RIGHT: f64 = 470.0;
const TOP: f64 = 40.0;
const BOTTOM: f64 = 310.0;
/// One for each line; of more lines than there are here some have the same.
const COLOURS: [&str; 10] =
    ["#222222", "#888888", "#c03020", "#2060b0", "#308040", "#b07020", "#8030a0", "#20a0a0", "#e080b0", "#90b030"];

/// Some lines with the same axes.
#[derive(Debug)]
pub(crate) struct Plot {
    pub(crate) title: String,
    pub(crate) across: &'static str,
    pub(crate) up: &'static str,
    pub(crate) lines: Vec<(String, Vec<(f64, f64)>)>,
}

impl Plot {
    /// The picture.
    pub(crate) fn svg(&self) -> String {
        let points = || self.lines.iter().flat_map(|(_, points)| points);
        let most = |of: fn(&(f64, f64)) -> f64| points().map(of).fold(f64::MIN, f64::max);
        let (first, last) = (points().map(|point| point.0).fold(f64::MAX, f64::min), most(|point| point.0));
        let top = most(|point| point.1) * 1.08;
        let x = |value: f64| LEFT + (RIGHT - LEFT) * (value / first).ln() / (last / first).ln().max(1e-9);
        let y = |value: f64| BOTTOM - (BOTTOM - TOP) * value / top;
        let mut svg = format!(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {WIDTH} {HEIGHT}\" font-family=\"sans-serif\" \
             font-size=\"12\">\n<rect width=\"100%\" height=\"100%\" fill=\"white\"/>\n\
             <text x=\"{LEFT}\" y=\"22\" font-size=\"14\">{}</text>\n\
             <text x=\"{}\" y=\"345\" text-anchor=\"middle\">{}</text>\n\
             <text x=\"16\" y=\"175\" text-anchor=\"middle\" transform=\"rotate(-90 16 175)\">{}</text>\n\
             <path d=\"M{LEFT} {TOP}V{BOTTOM}H{RIGHT}\" fill=\"none\" stroke=\"black\"/>\n",
            self.title,
            (LEFT + RIGHT) / 2.0,
            self.across,
            self.up
        );
        let mut marks: Vec<f64> = points().map(|point| point.0).collect();
        marks.sort_by(f64::total_cmp);
        marks.dedup();
        for mark in marks {
            writeln!(svg, "<text x=\"{:.1}\" y=\"326\" text-anchor=\"middle\">{mark}</text>", x(mark)).unwrap();
        }
        for step in 0..=4 {
            let value = top * f64::from(step) / 4.0;
            let (at, text) = (y(value), if top < 20.0 { format!("{value:.2}") } else { format!("{value:.0}") });
            writeln!(svg, "<path d=\"M{LEFT} {at:.1}H{RIGHT}\" stroke=\"#dddddd\"/>").unwrap();
            writeln!(svg, "<text x=\"54\" y=\"{:.1}\" text-anchor=\"end\">{text}</text>", at + 4.0).unwrap();
        }
        for (index, (name, points)) in self.lines.iter().enumerate() {
            let colour = COLOURS[index % COLOURS.len()];
            let path: Vec<_> = points.iter().map(|point| format!("{:.1} {:.1}", x(point.0), y(point.1))).collect();
            writeln!(
                svg,
                "<polyline points=\"{}\" fill=\"none\" stroke=\"{colour}\" stroke-width=\"2\"/>",
                path.join(" ")
            )
            .unwrap();
            let at = TOP + 20.0 * index as f64;
            writeln!(svg, "<path d=\"M480 {at}h18\" stroke=\"{colour}\" stroke-width=\"2\"/>").unwrap();
            writeln!(svg, "<text x=\"504\" y=\"{}\">{}</text>", at + 4.0, name.replace('`', "")).unwrap();
        }
        svg.push_str("</svg>\n");
        svg
    }
}
