//! Occam Keys: a browser front end for people who hold API keys at a Key API.
//!
//! The modules in reading order: [`words`] are what the user reads, [`json`] is how the app and
//! others write, [`domain`] holds the rules, [`api`] talks to the Key API, [`session`] knows who is
//! signed in, [`access`] brings the two together, [`remote`] and [`route`] say what a page's data
//! and address can be, [`browser`] adapts what the browser has, [`reactive`] is what follows a
//! signal, [`components`] draw, [`pages`] bring it together, and [`app`] chooses the page.

pub mod words;

pub mod json;

pub mod domain;

pub mod api;
pub mod session;

pub mod access;

pub mod remote;
pub mod route;

pub mod browser;
pub mod reactive;

pub mod components;

pub mod pages;

pub mod app;
