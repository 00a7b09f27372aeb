//! The ranks of true values as histograms, in SVG.

use std::fmt::Write;

use counterplay::robustness::calibrate::{BINS, Calibrated, Calibration};

use crate::figure::escaped;

const COLUMNS: usize = 3;
const PANEL: (f64, f64) = (300.0, 170.0);
const PLOT: (f64, f64) = (250.0, 90.0);

/// A panel for each quantity: how many ranks fall into each bin, over the band in which 99% of the counts of uniform
/// ranks fall, and the share of the 90% intervals that cover.
pub(super) fn svg(title: &str, found: &Calibration) -> String {
    let all: Vec<&Calibrated> =
        found.answers.iter().chain(&found.parameters).filter(|quantity| quantity.open > 0).collect();
    let rows = all.len().div_ceil(COLUMNS);
    let (width, height) = (COLUMNS as f64 * PANEL.0 + 20.0, rows as f64 * PANEL.1 + 60.0);
    let mut svg = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{width}\" height=\"{height}\" viewBox=\"0 0 {width} {height}\" \
         font-family=\"system-ui, sans-serif\" font-size=\"12\">\n<title>Ranks of true values: {0}</title>\n\
         <rect width=\"100%\" height=\"100%\" fill=\"white\"/>\n\
         <text x=\"20\" y=\"24\" font-size=\"15\" font-weight=\"600\">{0}: ranks of true values among {1} posterior \
         draws</text>\n<text x=\"20\" y=\"42\" fill=\"#555555\">{2} worlds; band: 99% of the counts if the ranks are \
         uniform</text>\n",
        escaped(title),
        found.ranked,
        found.runs
    );
    for (index, quantity) in all.iter().enumerate() {
        let (column, row) = (index % COLUMNS, index / COLUMNS);
        panel(&mut svg, quantity, 20.0 + column as f64 * PANEL.0, 60.0 + row as f64 * PANEL.1);
    }
    svg + "</svg>\n"
}

fn panel(svg: &mut String, quantity: &Calibrated, left: f64, top: f64) {
    let name: String = quantity.name.chars().take(40).collect();
    let coverage = quantity.coverage_of_90().map_or(0.0, |share| 100.0 * share.value);
    let expected = quantity.open as f64 / BINS as f64;
    // 2.576 standard deviations of a binomial count.
    let band = 2.576 * (expected * (1.0 - 1.0 / BINS as f64)).sqrt();
    let highest = quantity.ranks.iter().copied().max().unwrap_or(0) as f64;
    let scale = PLOT.1 / highest.max(expected + band).max(1.0);
    let base = top + 40.0 + PLOT.1;
    let _ = writeln!(
        svg,
        "<text x=\"{left}\" y=\"{:.1}\" font-weight=\"600\">{}</text>\n<text x=\"{left}\" y=\"{:.1}\" fill=\"#555555\">{} \
         worlds; 90% intervals cover in {coverage:.1}%</text>",
        top + 14.0,
        escaped(&name),
        top + 30.0,
        quantity.open
    );
    let (low, high) = ((expected - band).max(0.0), expected + band);
    let _ = writeln!(
        svg,
        "<rect x=\"{left}\" y=\"{:.1}\" width=\"{}\" height=\"{:.1}\" fill=\"#dddddd\"/>",
        base - high * scale,
        PLOT.0,
        (high - low) * scale
    );
    let step = PLOT.0 / BINS as f64;
    for (bin, &count) in quantity.ranks.iter().enumerate() {
        let height = count as f64 * scale;
        let _ = writeln!(
            svg,
            "<rect x=\"{:.1}\" y=\"{:.1}\" width=\"{:.1}\" height=\"{height:.1}\" fill=\"#0072b2\" fill-opacity=\"0.65\"/>",
            left + bin as f64 * step + 0.5,
            base - height,
            step - 1.0
        );
    }
    let _ = writeln!(
        svg,
        "<path d=\"M{left} {:.1}h{}M{left} {base:.1}h{}\" stroke=\"#222222\" fill=\"none\"/>\n<text x=\"{left}\" y=\"{:.1}\" \
         fill=\"#555555\">lowest rank</text>\n<text x=\"{:.1}\" y=\"{3:.1}\" fill=\"#555555\" \
         text-anchor=\"end\">highest</text>",
        base - expected * scale,
        PLOT.0,
        PLOT.0,
        base + 14.0,
        left + PLOT.0
    );
}
