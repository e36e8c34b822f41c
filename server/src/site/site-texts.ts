import { createHash } from "node:crypto";
import { brotliCompressSync, gzipSync } from "node:zlib";
import type { FastifyInstance } from "fastify";
import { zhCN } from "../../../web/src/texts/zh-cn.ts";
import { ownName, tagOf } from "../words/language.ts";
import type { Words } from "../words/words.ts";

/**
 * The texts of the pages, a file for each language that is offered, so that a reader loads only one. The page says which
 * there are before its scripts run (web/public/early.js); a file's name changes with its content, so browsers keep it.
 */
export interface SiteTexts {
  /** The page with what its scripts have to know. */
  writeInto(page: string): string;
  addRoutes(site: FastifyInstance): void;
}

const place = /(?<=<script type="application\/json" id="page-languages">)[^<]*(?=<\/script>)/;

/** `base` stands before the files' addresses: the site's path, without a trailing slash. */
export function createSiteTexts(words: Words, base = ""): SiteTexts {
  const files = words.languages.map((language) => {
    const body = JSON.stringify(filled(zhCN, "site", (key) => words.text(key, language)));
    const hash = createHash("sha256").update(body).digest("hex").slice(0, 8);
    return { tag: tagOf(language), name: ownName(language), hash, body: compressible(body) };
  });
  const block = {
    offered: files.map(({ tag, name, hash }) => ({ tag, name, texts: `${base}/texts/${tag}.${hash}.json` })),
    silent: tagOf(words.silent),
    others: tagOf(words.others),
  };
  return {
    // No text is in it, only names of languages; `<` could end the block all the same.
    writeInto: (page) => page.replace(place, () => JSON.stringify(block).replaceAll("<", "\\u003c")),
    addRoutes(site) {
      for (const { tag, hash, body } of files) {
        site.get<{ Params: { hash: string } }>(`/texts/${tag}.:hash.json`, (request, reply) => {
          // A page of another release, beside this one, asks under another name.
          const isCurrent = request.params.hash === hash;
          reply
            .header("cache-control", isCurrent ? "public, max-age=31536000, immutable" : "no-cache")
            .header("vary", "accept-encoding")
            .type("application/json; charset=utf-8");
          const { encoding, bytes } = body(request.headers["accept-encoding"] ?? "");
          return (encoding === null ? reply : reply.header("content-encoding", encoding)).send(bytes);
        });
      }
    },
  };
}

type Structure = { readonly [key: string]: string | Structure | readonly Structure[] | readonly string[] };

/** The structure of the texts with each text replaced by what `textOf` says of its key. */
function filled(value: unknown, key: string, textOf: (key: string) => string): unknown {
  if (typeof value === "string") return textOf(key);
  if (Array.isArray(value)) return value.map((one, index) => filled(one, `${key}.${index}`, textOf));
  return Object.fromEntries(
    Object.entries(value as Structure).map(([name, one]) => [name, filled(one, `${key}.${name}`, textOf)]),
  );
}

/** The body as the reader's browser takes it; each form is made when the first asks for it. */
function compressible(text: string) {
  const made = new Map<string, Buffer>();
  const once = (form: string, make: () => Buffer): Buffer => {
    const bytes = made.get(form) ?? make();
    made.set(form, bytes);
    return bytes;
  };
  return (accepted: string): { encoding: "br" | "gzip" | null; bytes: Buffer } => {
    if (/\bbr\b/.test(accepted)) return { encoding: "br", bytes: once("br", () => brotliCompressSync(text)) };
    if (/\bgzip\b/.test(accepted))
      return { encoding: "gzip", bytes: once("gzip", () => gzipSync(text, { level: 9 })) };
    return { encoding: null, bytes: once("", () => Buffer.from(text)) };
  };
}
