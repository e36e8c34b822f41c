/**
 * deploy/nginx/beside-django.conf: which requests of one host are ours, beside an old Django service that has the rest.
 * Made of the routes themselves, so that a new one is not answered by Django.
 */
export interface FoundRoute {
  readonly url: string;
  /** Names of its parameters that are whole numbers. */
  readonly numbers: readonly string[];
}

/** What each process answers about itself: the shop may have its own. */
const ofTheProcess = /^\/(healthz|readyz|docs)(\/|$)/;

export function besideDjango(routes: readonly FoundRoute[]): string {
  const patterns = routes
    .filter(({ url }) => !ofTheProcess.test(url) && !url.includes("*"))
    .map(patternOf)
    .sort();
  const lines = [...new Set(patterns)].map((pattern) => `  "~${pattern}" accounts;`);
  return text.replace("  # (paths)", lines.join("\n"));
}

/** The path as it was sent, with whatever query; our router takes it with and without the slash at its end. */
function patternOf({ url, numbers }: FoundRoute): string {
  const path = url
    .replace(/\/$/, "")
    .replaceAll(".", "\\.")
    .replaceAll(/:(\w+)/g, (_, name) => (numbers.includes(name) ? "[0-9]+" : "[^/?]+"));
  return `^${path}/?(\\?|$)`;
}

const text = `# Generated from the routes by "npm run generate": an old Django service and the accounts behind one name. Copy to
# /etc/nginx/conf.d/ and put your names, certificates and addresses in. What is listed goes to the accounts, all else to
# Django; docs/from-django.md says what to switch off there.
map $request_uri $behind_api {
  default django;
  # (paths)
}

upstream accounts {
  # max_fails=0: see meiduo-accounts.conf.
  server 127.0.0.1:8000 max_fails=0;
  keepalive 64;
}
upstream django {
  server 127.0.0.1:8001;
}

server {
  listen 443 ssl http2;
  server_name api.meiduo.com;
  ssl_certificate /etc/letsencrypt/live/meiduo.com/fullchain.pem;
  ssl_certificate_key /etc/letsencrypt/live/meiduo.com/privkey.pem;
  ssl_protocols TLSv1.2 TLSv1.3;
  ssl_ciphers ECDHE+AESGCM:ECDHE+CHACHA20;
  # The URL of a code request holds an address: it is not logged.
  access_log off;

  location / {
    proxy_pass http://$behind_api;
    proxy_http_version 1.1;
    proxy_set_header Connection "";
    proxy_set_header Host $host;
    # Replaced, not appended: what a visitor claims in it must not arrive (TRUST_PROXY=1).
    proxy_set_header X-Forwarded-For $remote_addr;
    proxy_set_header X-Forwarded-Proto $scheme;
    proxy_connect_timeout 2s;
    proxy_next_upstream error timeout;
  }
}
`;
