import { expect, test } from "vitest";
import { replaceRegion } from "./replace-region.ts";

test.each(["\n", "\n\n"])("a region's content is replaced, and %j around it stays", (ends) => {
  const around = (content: string) => `a\n<!-- list: by hand -->${ends}${content}${ends}<!-- /list -->\nb\n`;
  // `$&` is no pattern of the replacement.
  expect(replaceRegion("README.md", around("old\n\nones"), "list", "$& new")).toBe(around("$& new"));
  expect(replaceRegion("README.md", around("same"), "list", "same")).toBe(around("same"));
});

test.each([
  "nothing",
  "<!-- list: begun alone -->\n",
  "<!-- /list -->\n<!-- list: the wrong way round -->\n",
  "<!-- other: by hand -->\n\n<!-- /other -->",
])("a document without it is named: %j", (text) => {
  expect(() => replaceRegion("README.md", text, "list", "new")).toThrow(/^README\.md has no <!-- list: /);
});
