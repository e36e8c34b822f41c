import { readFileSync } from "node:fs";
import { extname, join } from "node:path";
import { replaceRegion } from "./replace-region.ts";

/** docs/verify-tokens.md and its Chinese sister: written by hand but for the files of examples/, which are tried. */
const documents = ["docs/verify-tokens.md", "docs/verify-tokens.zh.md"];
const languages: Readonly<Record<string, string>> = {
  ".js": "js",
  ".py": "python",
  ".go": "go",
  ".java": "java",
};

/** Both as they have to be, by their paths from `root`. Throws where a file that one shows is missing. */
export function verifyDocuments(root: string): Map<string, string> {
  return new Map(
    documents.map((document) => {
      const present = readFileSync(join(root, document), "utf8");
      const shown = [...present.matchAll(/<!-- (examples\/[^:\s]+):/g)].map(([, file]) => file!);
      if (shown.length === 0) throw new Error(`${document} shows no file of examples/`);
      return [document, shown.reduce((text, file) => shownIn(root, document, text, file), present)];
    }),
  );
}

function shownIn(root: string, document: string, text: string, file: string): string {
  const source = readFileSync(join(root, file), "utf8").trimEnd();
  return replaceRegion(document, text, file, `\`\`\`${languages[extname(file)] ?? ""}\n${source}\n\`\`\``);
}
