// How each site is used: where its parts are, as selectors, and what it has not. The tasks are
// written once, in tasks.mjs, and know no site.

/**
 * @typedef {object} Site
 * @property {string} name Of its folder, and for `--only`.
 * @property {string} title For people.
 * @property {string} [user] The field for the e-mail address; none if there is no form to sign in.
 * @property {string} [password]
 * @property {string} [submit]
 * @property {string} [ready] What is there when it can be used, where there is no form.
 * @property {string} row A row of the table.
 * @property {string} [cell] Where the name is in a row, if the row is more than that.
 * @property {string} [search] The field that searches.
 * @property {string} [sort] What orders by name.
 * @property {string} [scroller] What scrolls, if not the page; null where nothing is to scroll to.
 * @property {object} [create] `open`, `field` (seen when it is open) and `close`.
 * @property {object} [revoke] `open`, in the row or in the `menu` of the row, and `confirm`.
 * @property {object} notes Why a task is not done or done otherwise, by task.
 */

/** A site without its words for people, as it goes into the page. */
export const selectors = ({ notes: _notes, title: _title, ...site }) => site;

const FORM = { user: "[name=username]", password: "[name=password]", submit: "[type=submit]" };

export const OURS = "occam-keys";
export const LIMIT = "limit";

export const SITES = [
  {
    name: OURS,
    title: "Occam Keys",
    ...FORM,
    submit: "#sign-in-submit",
    row: "tbody tr[data-key]",
    cell: ".key-name bdi",
    search: "input[type=search]",
    sort: "th.col-name .sort",
    create: {
      open: ".page-head .button.primary",
      field: "dialog[open] input",
      close: "dialog[open] button:has-text('Cancel')",
    },
    revoke: { open: "[data-action=revoke]", confirm: "dialog[open] button:has-text('Revoke key')" },
    notes: {},
  },
  {
    name: LIMIT,
    title: "By hand (limit)",
    ...FORM,
    submit: "#sign-in button",
    row: "tbody tr:not(.gap)",
    cell: "td",
    search: "input[type=search]",
    sort: "[data-sort=name]",
    create: {
      open: "#create",
      field: "#create-dialog[open] input",
      close: "#create-dialog button[value=cancel]",
    },
    revoke: { open: "td button", confirm: "#revoke-dialog button[value=revoke]" },
    notes: {},
  },
  {
    name: "solid",
    title: "Solid",
    ...FORM,
    row: "tbody tr[data-index]",
    cell: "td",
    search: "input[type=search]",
    sort: "[data-sort=name]",
    scroller: ".scroller",
    create: { open: "#create", field: "#create-dialog input", close: "#create-dialog .cancel" },
    revoke: { open: "td button", confirm: "#revoke-dialog .confirm" },
    notes: {},
  },
  {
    name: "react-mui",
    title: "React + MUI",
    ...FORM,
    row: "tbody tr[data-index]",
    cell: "td",
    search: "input[type=search]",
    sort: "th .MuiTableSortLabel-root:has-text('Name')",
    scroller: "[data-virtuoso-scroller]",
    create: {
      open: "#create",
      field: "[role=dialog] input",
      close: "[role=dialog] button:has-text('Cancel')",
    },
    revoke: { open: "td button", confirm: "[role=dialog] button:has-text('Revoke key')" },
    notes: { create: "The dialog fades in and out, as MUI's do unless told otherwise." },
  },
  {
    name: "react-admin",
    title: "react-admin",
    ...FORM,
    row: "tbody .RaDatagrid-row",
    cell: ".column-name",
    search: ".RaFilterForm-filterFormInput input",
    sort: "th.column-name .MuiTableSortLabel-root",
    scroller: null,
    create: {
      open: ".RaCreateButton-root, [aria-label=Create]",
      field: ".RaCreate-main input",
      close: "a[href='#/keys']",
    },
    revoke: {
      open: ".ra-delete-button",
      confirm: "[role=dialog] .ra-confirm",
    },
    notes: {
      search: "It waits half a second after the last letter, which is its own rule.",
      scroll:
        "It shows pages of 25, as it does unless told otherwise: there is no end to scroll to.",
      create: "A page and not a dialog: its form for a new record is one.",
    },
  },
  {
    name: "zuplo",
    title: "react-api-key-manager",
    ...FORM,
    row: "[class*=consumer-control-container]",
    cell: "[class*=consumer-control-description]",
    revoke: { menu: "[class*=consumer-control-menu-button]", open: "text='Revoke'" },
    notes: {
      signIn: "It has no form to sign in; it was given a plain one.",
      search: "It has no search.",
      sort: "It has no order to choose.",
      create: "It has no way to make a key.",
      revoke: "It asks nothing before; the menu is what its documentation offers for more actions.",
    },
  },
  {
    name: "swagger-ui",
    title: "Swagger UI",
    ready: ".opblock",
    notes: {
      signIn: "It has no form to sign in: its start is when the operations are painted.",
      rows: "It shows an answer as text, and has no table of keys.",
    },
  },
];
