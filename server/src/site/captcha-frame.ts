import type { FastifyInstance } from "fastify";

/**
 * A vendor's captcha has a page of its own, which the site's pages show in a frame: only there may the vendor's script run.
 * The pages on which people type passwords keep their policy, and it is opened for the configured vendor alone. The frame is of
 * the site's origin, because vendors look at the host: the policy holds back what others could put into it, and a vendor that
 * turns bad is trusted all the same (docs/threats.md). Guard: captcha-frame.test.ts.
 */
export interface SiteCaptcha {
  readonly kind: string;
  /** The vendor's script. */
  readonly script: string;
  readonly region?: string;
  /** What the policy of the frame allows besides the site's own files, by directive. */
  readonly sources: Readonly<Record<string, readonly string[]>>;
}

export const captchaFramePath = "/captcha-frame";

/** Nothing where the site has no vendor's captcha. `built`: the page of the build. */
export function captchaFrameRoute(
  site: FastifyInstance,
  captcha: SiteCaptcha | null,
  built: string | null,
): void {
  if (captcha === null || built === null) return;
  const html = writeCaptchaInto(built, captcha);
  site.get(captchaFramePath, (_request, reply) =>
    reply
      .headers({
        "content-security-policy": framePolicy(captcha),
        "x-frame-options": "SAMEORIGIN",
        // The address has no secret, and vendors look at whose page it is.
        "referrer-policy": "strict-origin",
        "cache-control": "no-cache",
        "content-type": "text/html; charset=utf-8",
      })
      .send(html),
  );
}

/** The page of the frame with what its script has to know of the vendor. */
export function writeCaptchaInto(page: string, { sources: _, ...facts }: SiteCaptcha): string {
  const json = JSON.stringify(facts).replaceAll("<", "\\u003c");
  return page.replace(/(?<=<script type="application\/json" id="captcha">)[^<]*/, () => json);
}

function framePolicy({ sources }: SiteCaptcha): string {
  const own: Readonly<Record<string, readonly string[]>> = {
    "script-src": ["'self'"],
    "style-src": ["'self'"],
    "img-src": ["'self'"],
    "connect-src": ["'self'"],
  };
  const names = [...new Set([...Object.keys(own), ...Object.keys(sources)])];
  const opened = names.map((name) => [name, ...(own[name] ?? []), ...(sources[name] ?? [])].join(" "));
  return [
    "default-src 'none'",
    ...opened,
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'self'",
  ].join("; ");
}
