//! Pictures made of pixels. They are drawn here and not read from an SVG, which the page's policy
//! would not load.

use js_sys::{Function, Promise};
use leptos::prelude::document;
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;
use web_sys::{Blob, CanvasRenderingContext2d, HtmlCanvasElement, Path2d};

use crate::domain::chart::Tenths;
use crate::domain::chart::picture::{
    INK, LINE, LINE_HEIGHT, PAPER, PLOT, PLOT_SIZE, Picture, SIZE, SWATCH,
};

/// So many dots for each pixel, as sharp screens and paper take them.
const SHARPNESS: u32 = 2;

/// The picture as PNG. `None` if the browser does not make one.
pub async fn png(picture: &Picture) -> Option<Blob> {
    let canvas: HtmlCanvasElement = document().create_element("canvas").ok()?.dyn_into().ok()?;
    canvas.set_width(SIZE.0.unsigned_abs() / 10 * SHARPNESS);
    canvas.set_height(SIZE.1.unsigned_abs() / 10 * SHARPNESS);
    let context: CanvasRenderingContext2d = canvas.get_context("2d").ok()??.dyn_into().ok()?;
    draw(&context, picture).ok()?;
    let made = Promise::new(&mut |resolve: Function, reject: Function| {
        if canvas.to_blob(&resolve).is_err() {
            // A promise takes its first answer.
            let _ = reject.call0(&JsValue::UNDEFINED);
        }
    });
    JsFuture::from(made).await.ok()?.dyn_into().ok()
}

fn draw(context: &CanvasRenderingContext2d, picture: &Picture) -> Result<(), JsValue> {
    let scale = f64::from(SHARPNESS);
    context.scale(scale, scale)?;
    let fill = |[x, y]: [Tenths; 2], [width, height]: [Tenths; 2], colour: &str, cover: u8| {
        context.set_fill_style_str(colour);
        context.set_global_alpha(f64::from(cover) / 100.0);
        context.fill_rect(pixels(x), pixels(y), pixels(width), pixels(height));
    };
    fill([0, 0], [SIZE.0, SIZE.1], PAPER, 100);
    context.translate(pixels(PLOT.0), pixels(PLOT.1))?;
    for layer in &picture.layers {
        context.set_fill_style_str(layer.colour);
        context.set_global_alpha(f64::from(layer.cover) / 100.0);
        context.fill_with_path_2d(&Path2d::new_with_path_string(&layer.path)?);
    }
    context.translate(-pixels(PLOT.0), -pixels(PLOT.1))?;
    for y in [PLOT.1, PLOT.1 + PLOT_SIZE.1] {
        fill([PLOT.0, y], [PLOT_SIZE.0, LINE_HEIGHT], LINE, 100);
    }
    for (layer, place) in picture.swatches() {
        fill(place, [SWATCH, SWATCH], layer.colour, layer.cover);
    }
    context.set_fill_style_str(INK);
    context.set_global_alpha(1.0);
    for text in picture.texts() {
        context.set_font(&[&text.size.to_string(), "px sans-serif"].concat());
        context.set_text_align(if text.is_end { "right" } else { "left" });
        context.fill_text(text.text, pixels(text.x), pixels(text.y))?;
    }
    Ok(())
}

fn pixels(length: Tenths) -> f64 {
    f64::from(length) / 10.0
}
