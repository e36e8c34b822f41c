import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { parseEnv } from "node:util";
import { expect, test } from "vitest";
import { parse, parseAllDocuments } from "yaml";
import { refuseUnsafe } from "../src/cli/doctor/settings-checks.ts";
import { lastStopSeconds } from "../src/cli/run/start.ts";
import { readConfig } from "../src/config/config.ts";
import { variables } from "../src/config/env.ts";
import { hasNginx, nginxBinary } from "./support/nginx.ts";
import { notTested } from "./support/not-tested.ts";

const deploy = resolve(import.meta.dirname, "../../deploy");
const read = (path: string) => readFileSync(join(deploy, path), "utf8");
/** Of the images, and of compose.yaml itself. */
const foreign = /^(NODE_ENV|NODE_OPTIONS|MALLOC_ARENA_MAX|POSTGRES_\w+|REDIS_PASSWORD|DATA_DIR)$/;

function unknownNames(text: string, pattern: RegExp): string[] {
  const names = [...text.matchAll(pattern)].map((match) => match[1] as string);
  expect(names.length).toBeGreaterThan(0);
  return names.filter((name) => !(name in variables) && !foreign.test(name));
}

test("every variable in deploy/ is one the product reads", () => {
  expect(unknownNames(read("example.env"), /^([A-Z_]+)=/gm)).toEqual([]);
  expect(unknownNames(read("compose.yaml"), /^ {4}([A-Z_]+):/gm)).toEqual([]);
  expect(unknownNames(read("helm/meiduo-accounts/values.yaml"), /^ {2}([A-Z_]+):/gm)).toEqual([]);
  expect(unknownNames(read("Dockerfile"), /^ENV (?:\S+=\S+ )*?([A-Z_]+)=/gm)).toEqual([]);
});

test("every way to run the product has the same limits of memory: V8's young generation, glibc's arenas", () => {
  const launcher = readFileSync(join(deploy, "../scripts/run.mjs"), "utf8");
  const option = /NODE_OPTIONS: `(\S+) /.exec(launcher)?.[1];
  expect(option).toMatch(/^--max-semi-space-size=\d+$/);
  const arenas = /MALLOC_ARENA_MAX: "(\d+)"/.exec(launcher)?.[1];
  expect(arenas).toBe("1");
  const installed = readFileSync(join(deploy, "../server/bin/meiduo-accounts.mjs"), "utf8");
  expect(installed).toContain(`NODE_OPTIONS = \`${option} `);
  expect(installed).toContain(`MALLOC_ARENA_MAX ||= "${arenas}"`);
  for (const file of [
    "Dockerfile",
    "systemd/meiduo-accounts-web.service",
    "systemd/meiduo-accounts-work.service",
  ]) {
    expect(/NODE_OPTIONS=(.*)$/m.exec(read(file))?.[1], file).toBe(option);
    expect(/MALLOC_ARENA_MAX=(.*)$/m.exec(read(file))?.[1], file).toBe(arenas);
  }
});

test("a stop is given more time than the product takes for it", () => {
  for (const [file, pattern] of [
    ["compose.yaml", /stop_grace_period: (\d+)s/],
    ["systemd/meiduo-accounts-web.service", /TimeoutStopSec=(\d+)/],
    ["systemd/meiduo-accounts-work.service", /TimeoutStopSec=(\d+)/],
    ["helm/meiduo-accounts/templates/_pod.tpl", /terminationGracePeriodSeconds: (\d+)/],
  ] as const) {
    const text = read(file);
    // Kubernetes counts the time of preStop, too.
    const before = Number(/preStop:.*\[sleep, "(\d+)"\]/.exec(text)?.[1] ?? 0);
    expect(before > 0, file).toBe(text.includes("preStop"));
    expect(Number(pattern.exec(text)?.[1]), file).toBeGreaterThan(before + lastStopSeconds.process);
  }
});

test("pods get requests while an engine that all of them share is away", () => {
  const probes = [
    ...read("helm/meiduo-accounts/templates/_pod.tpl").matchAll(/(\w+)Probe:\s+httpGet: \{ path: (\S+),/g),
  ];
  expect(probes.map(([, kind, path]) => `${kind} ${path}`)).toEqual([
    "startup /healthz",
    "liveness /healthz",
    "readiness /healthz",
  ]);
});

test("no Service of the namespace reaches a pod's environment, and a link's no health check", () => {
  expect(read("helm/meiduo-accounts/templates/_pod.tpl")).toMatch(/^ {2}enableServiceLinks: false$/m);
  expect(read("Dockerfile")).toContain("(Number(process.env.API_PORT)||8000)");
});

test("proxies replace X-Forwarded-For, so that a visitor's own never arrives", () => {
  for (const file of ["nginx/compose.conf", "nginx/meiduo-accounts.conf"]) {
    const lines = read(file).match(/X-Forwarded-For .*/g) ?? [];
    expect(lines.length, file).toBe(2);
    for (const line of lines) expect(line).toBe("X-Forwarded-For $remote_addr;");
  }
});

test("proxies pass the visitor's Host on, which the product judges", () => {
  for (const file of ["nginx/compose.conf", "nginx/meiduo-accounts.conf"]) {
    const lines = read(file).match(/proxy_set_header Host .*/g) ?? [];
    expect(lines.length, file).toBe(2);
    for (const line of lines) expect(line).toMatch(/ \$(http_)?host;$/);
  }
});

test("the shipped TLS is 1.2 and 1.3 with forward secrecy alone; plain http leads the site to it and refuses the API", () => {
  const servers = read("nginx/meiduo-accounts.conf")
    .split(/^server \{$/m)
    .slice(1);
  const encrypted = servers.filter((server) => server.includes("listen 443 ssl"));
  expect(encrypted).toHaveLength(2);
  for (const server of encrypted) {
    expect(server).toMatch(/^ {2}ssl_protocols TLSv1\.2 TLSv1\.3;$/m);
    expect(server).toMatch(/^ {2}ssl_ciphers ECDHE\+AESGCM:ECDHE\+CHACHA20;$/m);
  }
  // A client that is led there has sent its password in the clear already, and goes on like that unnoticed.
  const plain = servers.filter((server) => server.includes("listen 80;"));
  const ends = plain.map((server) => server.match(/^ {2}(?:server_name|return) .*$/gm)?.join(""));
  expect(ends).toEqual([
    "  server_name www.meiduo.com;  return 301 https://$host$request_uri;",
    "  server_name api.meiduo.com;  return 403;",
  ]);
});

test("no password and no key is shipped", () => {
  const secrets = [...read("example.env").matchAll(/^(\w*(?:PASSWORD|SECRET\w*))=(.*)$/gm)];
  expect(secrets.map(([, name, value]) => [name, value])).toEqual([
    ["POSTGRES_PASSWORD", ""],
    ["REDIS_PASSWORD", ""],
    ["SECRET_KEY", ""],
  ]);
  // Without one compose stops.
  for (const [, asked] of read("compose.yaml").matchAll(/\$\{\w*PASSWORD(.*?)\}/g)) expect(asked).toBe(":?");
  const ignored = readFileSync(join(repository, ".dockerignore"), "utf8").split("\n");
  expect(ignored).toEqual(expect.arrayContaining([".git", ".env", "data"]));
});

test("no proxy logs the URLs of the API: a code request's holds an address", () => {
  for (const file of ["nginx/compose.conf", "nginx/meiduo-accounts.conf"]) {
    const servers = read(file)
      .split(/^server \{$/m)
      .slice(1);
    const ofApi = servers.filter((server) => server.includes("proxy_pass http://meiduo_api;"));
    expect(ofApi, file).toHaveLength(1);
    expect(ofApi[0], file).toMatch(/^ {2}access_log off;$/m);
    expect(read(file).match(/access_log (?!off;)/g), file).toBeNull();
  }
  const ingress = read("helm/meiduo-accounts/templates/network.yaml");
  expect(ingress).toContain('nginx.ingress.kubernetes.io/enable-access-log: "false"');
});

/** A configuration that deploy/ or the README shows, with the places filled in that are left to the reader. */
function expectProductionStarts(example: Record<string, string | undefined>): void {
  const filled = {
    ...{ ENVIRONMENT: "production", SECRET_KEY: "kJ8s0d2LmQ4xv9Zt1WcR7pYbN5hGf3aE6uXoTiVq" },
    ...{ DATABASE_URL: "postgres://meiduo:x@postgres/meiduo", SMTP_URL: "smtps://a:b@smtp.example.com" },
    DATA_DIR: join(tmpdir(), "meiduo-nowhere"),
    ...Object.fromEntries(Object.entries(example).filter(([, value]) => !/^…?$/.test(value ?? ""))),
  };
  expect(() => refuseUnsafe(readConfig(filled))).not.toThrow();
}

test("every configuration shown for production starts", () => {
  expectProductionStarts(parseEnv(read("example.env")));
  expect(read("example.env")).toContain("ALLOW_HTTP=true");
  const { env } = parse(read("helm/meiduo-accounts/values.yaml")) as { env: Record<string, string> };
  expectProductionStarts(env);
  for (const file of ["README.md", "README.zh.md"]) {
    const text = readFileSync(join(deploy, "..", file), "utf8");
    const shown = /```sh\n(ENVIRONMENT=production\n.*?)```/s.exec(text)?.[1] ?? "";
    expectProductionStarts(parseEnv(shown.replaceAll(/账号:授权码|name:authorization-code/g, "a:b")));
  }
});

test("the folder of the data is the product's alone", () => {
  expect(read("Dockerfile")).toContain("mkdir -m 0700 /data");
  for (const role of units) expect(unitHere(role)).toMatch(/^StateDirectoryMode=0700$/m);
});

interface Service {
  readonly image: string;
  readonly command?: string[];
  readonly read_only?: boolean;
  readonly deploy?: { replicas: number };
  readonly depends_on?: Record<string, unknown> | string[];
  readonly volumes?: string[];
}

// No container engine is needed for these, and none was used: see docs/scaling.md.
test("compose.yaml is YAML, names only what it has, and runs two API processes and two workers", () => {
  const compose = parse(read("compose.yaml"), { merge: true }) as {
    services: Record<string, Service>;
    volumes: Record<string, unknown>;
  };
  const { services, volumes } = compose;
  expect(Object.keys(services).sort()).toEqual(["api", "migrate", "nginx", "postgres", "redis", "worker"]);
  for (const [name, service] of Object.entries(services)) {
    const needs = service.depends_on ?? [];
    for (const other of Array.isArray(needs) ? needs : Object.keys(needs))
      expect(services).toHaveProperty(other);
    for (const volume of service.volumes ?? []) {
      const source = volume.split(":")[0] as string;
      if (source.startsWith(".")) expect(existsSync(join(deploy, source)), source).toBe(true);
      else expect(Object.keys(volumes)).toContain(source);
    }
    if (service.image === "meiduo-accounts") expect(service.read_only, name).toBe(true);
  }
  expect([services.api?.deploy?.replicas, services.worker?.deploy?.replicas]).toEqual([2, 2]);
  const commands = ["api", "worker", "migrate"].flatMap((name) => services[name]?.command ?? []);
  expect(commands).toEqual(["web", "work", "migrate"]);
});

test("the chart's values are there for everything its templates ask, its brackets close, its blocks end", () => {
  const chart = join("helm", "meiduo-accounts");
  expect(parse(read(join(chart, "Chart.yaml")))).toMatchObject({ apiVersion: "v2", name: "meiduo-accounts" });
  const values = parse(read(join(chart, "values.yaml"))) as Record<string, unknown>;
  for (const template of readdirSync(join(deploy, chart, "templates"))) {
    const text = read(join(chart, "templates", template));
    for (const [, path = ""] of text.matchAll(/\.Values\.([A-Za-z_.]+)/g)) {
      expect(values, `${template}: .Values.${path}`).toHaveProperty(path);
    }
    const actions = [...text.matchAll(/\{\{-?\s*(.*?)\s*-?\}\}/gs)].map((match) => match[1] as string);
    expect(text.split("{{").length - 1, template).toBe(actions.length);
    expect(text.split("}}").length - 1, template).toBe(actions.length);
    const opened = actions.filter((action) => /^(if|range|with|define|block)\b/.test(action)).length;
    expect(actions.filter((action) => action === "end").length, template).toBe(opened);
    // Where a template only fills in values it is YAML already.
    if (template.endsWith(".yaml")) {
      const filled = text.replaceAll(/^\s*\{\{.*\}\}\s*$/gm, "").replaceAll(/\{\{.*?\}\}/gs, "value");
      for (const document of parseAllDocuments(filled)) expect(document.errors, template).toEqual([]);
    }
  }
});

const units = ["web", "work"] as const;
const repository = join(deploy, "..");
/** The unit as it would stand in /etc, with this repository in place of the folder it installs to. */
function unitHere(role: string): string {
  return read(`systemd/meiduo-accounts-${role}.service`).replaceAll("/opt/meiduo-accounts", repository);
}

test.each(units)(
  "meiduo-accounts-%s.service runs the Node of package-lock.json, and a command it knows",
  (role) => {
    const unit = unitHere(role);
    const folder = /^WorkingDirectory=(.*)$/m.exec(unit)?.[1];
    const [program = "", ...args] = /^ExecStart=(.*)$/m.exec(unit)?.[1]?.split(" ") ?? [];
    const lock = JSON.parse(readFileSync(join(repository, "package-lock.json"), "utf8")) as {
      packages: Record<string, { version: string; bin?: Record<string, string> }>;
    };
    const node = lock.packages["node_modules/node"];
    expect(program).toBe(join(repository, "node_modules/node", node?.bin?.node ?? "nothing"));
    const run = (...more: string[]) => spawnSync(program, more, { cwd: folder, encoding: "utf8", env: {} });
    expect(run("--version").stdout.trim()).toBe(`v${node?.version}`);
    expect(args).toEqual(["server/src/main.ts", role]);
    const usage = run(...args, "--help");
    expect([usage.status, usage.stderr]).toEqual([0, ""]);
    expect(usage.stdout).toContain(` ${role}\n`);
  },
);

test("the worker beside the API can have a port of its own for its metrics", () => {
  const files = [...unitHere("work").matchAll(/^EnvironmentFile=(.*)$/gm)].map((match) => match[1]);
  expect(files).toEqual(["/etc/meiduo-accounts.env", "-/etc/meiduo-accounts-work.env"]);
});

test.each(["api", "site"] as const)("the socket of the %s is where the settings and nginx say", (name) => {
  const unit = read(`systemd/meiduo-accounts-${name}.socket`);
  const config = readConfig({});
  const at = `${config.host}:${name === "api" ? config.apiPort : config.webPort}`;
  expect(/^ListenStream=(.*)$/m.exec(unit)?.[1]).toBe(at);
  expect(read("nginx/meiduo-accounts.conf")).toContain(`server ${at} `);
  expect(unit).toContain(`\nFileDescriptorName=${name}\nService=meiduo-accounts-web.service\n`);
});

if (existsSync("/usr/bin/systemd-analyze")) {
  test.each(["web.service", "work.service", "api.socket", "site.socket"])(
    "systemd accepts meiduo-accounts-%s",
    (unit) => {
      const folder = mkdtempSync(join(tmpdir(), "meiduo-systemd-"));
      // A socket is judged with the service it is for.
      for (const role of units)
        writeFileSync(join(folder, `meiduo-accounts-${role}.service`), unitHere(role));
      const copy = join(folder, `meiduo-accounts-${unit}`);
      if (unit.endsWith(".socket")) writeFileSync(copy, read(`systemd/meiduo-accounts-${unit}`));
      const checked = spawnSync("systemd-analyze", ["verify", copy], { encoding: "utf8" });
      rmSync(folder, { recursive: true });
      const complaints = checked.stderr
        .split("\n")
        .filter((line) => line.includes(`meiduo-accounts-${unit}`));
      expect([checked.status, complaints]).toEqual([0, []]);
    },
  );
} else notTested("systemd-analyze, for the units of deploy/ (apt-get install systemd)");

// nginx itself judges its configuration where it is installed; elsewhere the rules above are what is checked.
if (hasNginx) {
  const files = ["below-a-path.conf", "beside-django.conf", "compose.conf", "meiduo-accounts.conf"];
  test.each(files)("nginx accepts %s", (file) => {
    const folder = mkdtempSync(join(tmpdir(), "meiduo-nginx-"));
    const fixtures = join(import.meta.dirname, "fixtures");
    const text = read(`nginx/${file}`)
      .replaceAll(/\/etc\/letsencrypt\S*fullchain.pem/g, join(fixtures, "localhost-cert.pem"))
      .replaceAll(/\/etc\/letsencrypt\S*privkey.pem/g, join(fixtures, "localhost-key.pem"))
      // Only nginx from 1.27 resolves names of an upstream again, and "api" is a name of compose's network.
      .replaceAll(/server api:(\d+) resolve /g, "server 127.0.0.1:$1 ");
    writeFileSync(join(folder, "site.conf"), text);
    const main = `pid ${folder}/pid; error_log stderr; events {} http { access_log off; include ${folder}/site.conf; }`;
    writeFileSync(join(folder, "nginx.conf"), main);
    const checked = spawnSync(nginxBinary, ["-t", "-c", join(folder, "nginx.conf")], {
      encoding: "utf8",
    });
    rmSync(folder, { recursive: true });
    expect(checked.stderr).toContain("test is successful");
    expect(checked.status).toBe(0);
  });
} else notTested("nginx, for the configurations of deploy/ (apt-get install nginx)");
