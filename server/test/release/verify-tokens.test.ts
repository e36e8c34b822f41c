import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { expect, it } from "vitest";
import type { EmptyFolder } from "../support/empty-folder.ts";
import { testVerifyingServices } from "../support/verifying-services.ts";

/** The services of examples/ whose tools are too heavy for every push: Go and Java, with what Debian has of them. */
const library = "/usr/share/gocode/src/github.com/golang-jwt/jwt";
/** No network: the library is Debian's, and there is nothing else. */
const go = { GOFLAGS: "-mod=mod", GOPROXY: "off", GOSUMDB: "off", GOTOOLCHAIN: "local" };

const runs = (command: string, ...args: string[]) => spawnSync(command, args).status === 0;

it("the tools are there", () => {
  const missing = [
    ...(runs("go", "version") ? [] : ["golang-go"]),
    ...(existsSync(library) ? [] : ["golang-github-golang-jwt-jwt-dev"]),
    ...(runs("javac", "-version") ? [] : ["default-jdk-headless"]),
  ];
  expect(missing, "apt-get install these").toEqual([]);
});

async function make(folder: EmptyFolder, line: string, env: Record<string, string> = {}): Promise<void> {
  const { code, output } = await folder.run(line, env);
  if (code !== 0) throw new Error(`${line}:\n${output}`);
}

testVerifyingServices([
  {
    name: "verify-go",
    line: "./verify-go",
    prepare: (folder) =>
      make(
        folder,
        `go mod edit -replace github.com/golang-jwt/jwt/v4=${library} && go vet . && go build .`,
        go,
      ),
  },
  {
    name: "verify-java",
    line: "java Orders",
    prepare: (folder) => make(folder, "javac -Xlint:all -Werror *.java"),
  },
]);
