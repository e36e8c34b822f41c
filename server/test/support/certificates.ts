import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** Certificate authorities and a server's certificate, made by openssl for one test file and good for two days. */
export interface Certificates {
  /** PEM files. */
  readonly authority: string;
  /** Of an authority that signed nothing. */
  readonly otherAuthority: string;
  readonly certificate: string;
  readonly key: string;
  remove(): void;
}

/** The names as openssl writes them: `DNS:localhost`, `IP:127.0.0.1`. */
export function makeCertificates(...names: string[]): Certificates {
  const folder = mkdtempSync(join(tmpdir(), "meiduo-tls-"));
  function openssl(...parameters: string[]): void {
    const run = spawnSync("openssl", parameters, { encoding: "utf8", cwd: folder });
    if (run.status !== 0) throw new Error(`openssl ${parameters[0]}: ${run.stderr}`);
  }
  const key = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"];
  for (const name of ["ca", "other-ca"]) {
    const files = ["-keyout", `${name}.key`, "-out", `${name}.crt`];
    openssl("req", "-x509", ...key, "-subj", `/CN=${name}`, "-days", "2", ...files);
  }
  openssl("req", ...key, "-subj", "/CN=localhost", "-keyout", "server.key", "-out", "server.csr");
  writeFileSync(join(folder, "san"), `subjectAltName=${names.join()}\n`);
  openssl(
    ...["x509", "-req", "-in", "server.csr", "-CA", "ca.crt", "-CAkey", "ca.key", "-CAcreateserial"],
    ...["-days", "2", "-extfile", "san", "-out", "server.crt"],
  );
  return {
    authority: join(folder, "ca.crt"),
    otherAuthority: join(folder, "other-ca.crt"),
    certificate: join(folder, "server.crt"),
    key: join(folder, "server.key"),
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
}
