import type { FastifyReply, FastifyRequest } from "fastify";
import { type Brand, withBrand } from "../server/src/brand/brand.ts";
import type { MailKind } from "../server/src/engines/mail/templates/mail-values.ts";
import type { RenderMail } from "../server/src/engines/mail/templates/render-mail.ts";
import { sampleValues } from "../server/src/engines/mail/templates/sample-values.ts";
import { AppError } from "../server/src/errors/errors.ts";
import { type Language, ownName, tagOf } from "../server/src/words/language.ts";
import type { Words } from "../server/src/words/words.ts";
import { comesFromHere, type RouteHost } from "./mailbox.ts";
import { escapeHtml } from "./page.ts";
import { previewAddress } from "./page-preview.ts";
import { pageStates } from "./page-states.ts";

/**
 * `/sandbox/brand/`, in development alone: every mail and every page state with the present brand, in a language of those
 * offered, by day and by night, on a desk and on a phone. Mails are in sandboxed frames of their own: no script, no
 * forms, no access to this page. Pages are the site's (page-preview.ts).
 */
export interface BrandPreviewDeps {
  readonly brand: Brand;
  readonly words: Words;
  readonly renderMail: RenderMail;
  /** Where the pages are. */
  readonly siteUrl: string;
  /** Whether it answers other machines, too. */
  readonly isOpen: boolean;
}

const mailDay = Date.UTC(2026, 10, 22, 12, 5, 0);

export function brandPreviewRoutes(api: RouteHost, deps: BrandPreviewDeps): void {
  const { origin } = new URL(deps.siteUrl);
  const policy = `default-src 'none'; style-src 'unsafe-inline'; frame-src ${origin}; base-uri 'none'; form-action 'none'; frame-ancestors 'none'`;
  api.route({
    method: "GET",
    url: "/sandbox/brand/",
    config: { auth: "ignored" } as object,
    schema: { hide: true } as object,
    onRequest: async (request: FastifyRequest) => {
      if (!deps.isOpen && !comesFromHere(request)) throw new AppError("mailbox_is_local");
    },
    handler: async (request: FastifyRequest, reply: FastifyReply) => {
      const { language: wanted } = request.query as { language?: string };
      const { languages } = deps.words;
      const language =
        languages.find((one) => tagOf(one) === wanted) ?? deps.words.pick(request.headers["accept-language"]);
      return reply
        .type("text/html; charset=utf-8")
        .headers({ "content-security-policy": policy, "referrer-policy": "no-referrer" })
        .send(previewPage(deps, language));
    },
  });
}

function previewPage(deps: BrandPreviewDeps, language: Language): string {
  const { brand, words, siteUrl } = deps;
  const tag = tagOf(language);
  const title = withBrand("{brand}", brand, language, escapeHtml);
  const choices = words.languages.map((one) => {
    const here = one === language ? ' aria-current="page"' : "";
    return `<a href="?language=${tagOf(one)}" lang="${tagOf(one)}"${here}>${escapeHtml(ownName(one))}</a>`;
  });
  const pages = pageStates.map(({ name, path }) => {
    const addressIn = (theme: "light" | "dark") => escapeHtml(previewAddress(siteUrl, name, tag, theme));
    return section(name, path, "page", (theme) => ({
      attributes: `src="${addressIn(theme)}"`,
      link: addressIn(theme),
    }));
  });
  return `<!doctype html>
<html lang="${tag}">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${title}</title>
<style>${style}</style>
<header><h1>${title}</h1><nav>${choices.join("")}<a href="#mails">mails</a></nav></header>
<main>
${pages.join("\n")}
<div id="mails"></div>
${mailSections(deps, language).join("\n")}
</main>
</html>`;
}

function mailSections({ renderMail, siteUrl }: BrandPreviewDeps, language: Language): readonly string[] {
  const samples = sampleValues(siteUrl, mailDay);
  return (Object.keys(samples) as MailKind[]).map((kind) => {
    const { subject, html } = renderMail(kind, language, samples[kind]);
    return section(kind, subject, "mail", (theme) => ({
      attributes: `sandbox srcdoc="${escapeHtml(inTheme(html, theme))}"`,
      link: null,
    }));
  });
}

/** A frame has the reader's theme, whatever it is shown for: what a mail has for the night holds always, or never. */
function inTheme(html: string, theme: "light" | "dark"): string {
  const holds = theme === "dark" ? "@media all" : "@media not all";
  return html.replace(/@media\s*\(\s*prefers-color-scheme\s*:\s*dark\s*\)/g, holds);
}

interface Frame {
  readonly attributes: string;
  /** Where the same is as a page of its own. */
  readonly link: string | null;
}

/** One thing by day and by night, each on a desk and on a phone. */
function section(
  name: string,
  about: string,
  kind: "mail" | "page",
  frameIn: (theme: "light" | "dark") => Frame,
): string {
  const frames = (["light", "dark"] as const).flatMap((theme) => {
    const { attributes, link } = frameIn(theme);
    return (["desk", "phone"] as const).map((screen) => {
      const frame = `<iframe loading="lazy" title="${name}, ${theme}, ${screen}" ${attributes}></iframe>`;
      return `<div class="${screen}">${frame}${link === null ? "" : `<a href="${link}" aria-label="${name}, ${theme}"></a>`}</div>`;
    });
  });
  return `<section id="${kind}-${name}" class="${kind}"><h2>${name} <small>${escapeHtml(about)}</small></h2><div class="frames">${frames.join("")}</div></section>`;
}

/** Frames of whole screens, made smaller: 1280 by 960 to a third, 390 by 844 to the same height. */
const style = `
:root { color-scheme: light dark; }
body { margin: 0; font: 16px/1.6 system-ui, "Noto Sans CJK SC", sans-serif; }
header { position: sticky; top: 0; z-index: 1; display: flex; flex-wrap: wrap; gap: .5rem 2rem; align-items: baseline; padding: .75rem 1.5rem; background: Canvas; border-bottom: 1px solid #8886; }
h1 { margin: 0; font-size: 1.25rem; }
nav { display: flex; flex-wrap: wrap; gap: .25rem 1.25rem; }
nav a { color: inherit; padding: .25rem 0; text-underline-offset: .3em; }
nav a[aria-current] { font-weight: 700; text-decoration-thickness: 3px; }
main { padding: 0 1.5rem 3rem; }
h2 { margin: 2rem 0 .5rem; font-size: 1rem; }
small { font-weight: 400; opacity: .7; overflow-wrap: anywhere; }
section { scroll-margin-top: 4rem; }
.frames { display: flex; flex-wrap: wrap; gap: 1rem; }
.frames > div { position: relative; overflow: hidden; border: 1px solid #8886; border-radius: 8px; }
.frames a { position: absolute; inset: 0; }
.frames a:focus-visible { outline: 3px solid Highlight; outline-offset: -3px; }
iframe { display: block; border: 0; transform-origin: 0 0; }
.desk { width: 426px; height: 320px; }
.desk iframe { width: 1280px; height: 960px; transform: scale(.333); }
.mail .desk iframe { width: 720px; height: 541px; transform: scale(.5917); }
.phone { width: 148px; height: 320px; }
.phone iframe { width: 390px; height: 844px; transform: scale(.3795); }
@media (max-width: 40rem) { .desk { width: 100%; } main { padding: 0 1rem 2rem; } }
`;
