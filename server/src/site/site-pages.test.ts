import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { createSitePaths } from "./site-paths.ts";

/** A page that only the site's router knows opens from within, and answers 404 to who comes by a link of a mail. */
test("every page of the router is a page to the server", () => {
  const router = readFileSync(new URL("../../../web/src/router.ts", import.meta.url), "utf8");
  const paths = [...router.matchAll(/path: "(\/[^":*]*)"/g)].map(([, path]) => path!);
  expect(paths.length).toBeGreaterThan(8);
  const { isPage } = createSitePaths("http://127.0.0.1:8080");
  expect(paths.filter((path) => !isPage(path))).toEqual([]);
});
