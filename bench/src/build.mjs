// Makes the sites of the peers. Each of them is what its tools make of it for production: bundled,
// minified, and named by the hash of its content.

import { createHash } from "node:crypto";
import { copyFile, mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { dirname, extname, join } from "node:path";
import { fileURLToPath } from "node:url";
import babel from "@babel/core";
import solid from "babel-preset-solid";
import * as esbuild from "esbuild";

const PEERS = join(dirname(fileURLToPath(import.meta.url)), "../peers");
const require = createRequire(import.meta.url);

/** Builds the peer of this name into a folder of its own in `out`, and gives the folder. */
export async function buildPeer(name, out) {
  const [source, site] = [join(PEERS, name), join(out, name)];
  await rm(site, { recursive: true, force: true });
  await mkdir(site, { recursive: true });
  const makers = { limit: inOneFile, "swagger-ui": swaggerUi };
  await (makers[name] ?? bundled)(name, source, site);
  return site;
}

/** Style and script in the page itself: nothing is asked for but the page. */
async function inOneFile(_name, source, site) {
  let page = await readFile(join(source, "index.html"), "utf8");
  for (const [file, element] of [
    ["style.css", "style"],
    ["main.js", "script"],
  ]) {
    const text = await readFile(join(source, file), "utf8");
    const loader = extname(file).slice(1);
    const { code } = await esbuild.transform(text, { loader, minify: true, target: "chrome120" });
    page = page.replace(`<!-- ${file} -->`, () => `<${element}>${code.trim()}</${element}>`);
  }
  await writeFile(join(site, "index.html"), page.replace(/>\s+</g, "><"));
}

/** As the documentation of Swagger UI tells for a page without a bundler. */
async function swaggerUi(_name, source, site) {
  const folder = dirname(require.resolve("swagger-ui-dist/package.json"));
  let page = await readFile(join(source, "index.html"), "utf8");
  for (const file of ["swagger-ui.css", "swagger-ui-bundle.js"]) {
    const named = await hashedName(join(folder, file));
    await copyFile(join(folder, file), join(site, named));
    page = page.replace(file, named);
  }
  const script = await readFile(join(source, "main.js"));
  const named = `main-${hash(script)}.js`;
  await writeFile(join(site, named), script);
  await writeFile(join(site, "index.html"), page.replace("main.js", named));
}

/** By esbuild, as one script and one style, in the page that all of these have. */
async function bundled(name, source, site) {
  const { metafile } = await esbuild.build({
    // Aliases are looked up from here, wherever the command was called.
    absWorkingDir: dirname(PEERS),
    entryPoints: [join(source, "main.jsx")],
    outdir: site,
    entryNames: "[name]-[hash]",
    bundle: true,
    minify: true,
    format: "esm",
    splitting: false,
    target: "chrome120",
    jsx: "automatic",
    legalComments: "none",
    define: { "process.env.NODE_ENV": '"production"' },
    metafile: true,
    logLevel: "error",
    ...OPTIONS[name],
  });
  let page = await readFile(join(PEERS, "bundled.html"), "utf8");
  const made = Object.keys(metafile.outputs).map((path) => path.split("/").at(-1));
  const script = made.find((file) => file.endsWith(".js"));
  const style = made.find((file) => file.endsWith(".css"));
  page = page.replace("main.js", script);
  const styles = '<link rel="stylesheet" href="main.css">';
  page = style ? page.replace("main.css", style) : page.replace(styles, "");
  await writeFile(join(site, "index.html"), page.replace(/>\s+</g, "><"));
}

/** The compiler of Solid, which is a preset of Babel. */
const compileSolid = {
  name: "solid",
  setup(build) {
    build.onLoad({ filter: /peers.solid.*\.jsx$/ }, async ({ path }) => {
      const text = await readFile(path, "utf8");
      const { code } = await babel.transformAsync(text, {
        presets: [solid],
        filename: path,
        babelrc: false,
        configFile: false,
      });
      return { contents: code, loader: "js" };
    });
  },
};

const OPTIONS = {
  solid: { plugins: [compileSolid], conditions: ["browser", "production", "import"] },
  // It asks for React 18 at most.
  zuplo: { alias: { react: "react-18", "react-dom": "react-dom-18" } },
};

function hash(content) {
  return createHash("sha256").update(content).digest("hex").slice(0, 12);
}

async function hashedName(path) {
  const ending = extname(path);
  const name = path.split("/").at(-1).slice(0, -ending.length);
  return `${name}-${hash(await readFile(path))}${ending}`;
}
