import { describe, expect, it } from "vitest";
import {
  namesHaveOneRule,
  onlyAccountsWritesThem,
  onlyAdmissionLetsIn,
  onlyChangeChangesAccounts,
  onlyChangeEndsTokens,
  wireNamesAreForRoutes,
} from "./tidy/accounts.ts";
import {
  everythingHasAType,
  outputGoesThroughTheLog,
  randomnessComesFromIds,
  rowsAreAdded,
  settingsComeFromConfig,
  testsRun,
  textsAreFilledInOnePlace,
  theCompilerIsNotSilenced,
  timeComesFromAClock,
  workIsDone,
} from "./tidy/banned.ts";
import { importsOf } from "./tidy/imports.ts";
import {
  everyFolderIsRanked,
  floorNames,
  floors,
  importsNameTheirFile,
  importsRunDown,
  noCirclesOfValues,
} from "./tidy/layout.ts";
import {
  imitationsAreLoadedLate,
  onlyTheListLooksIntoProviders,
  onlyTheListNamesProviders,
} from "./tidy/providers.ts";
import {
  configIsForTheComposition,
  onlyTheDoorIssues,
  productStandsAlone,
  storesAreTheirRooms,
  theDoorIssues,
  webFrameworkAtTheEdge,
} from "./tidy/rooms.ts";
import type { Finding, Rule } from "./tidy/rule.ts";
import {
  filesAbove300HaveAReason,
  filesAreNamedByWhatTheyAreAbout,
  filesEndBy500,
  functionsEndBy70,
  migrationsNameAProgram,
  noBarrels,
  supportHasNoHooksOfItsOwn,
  theMedianFileIsShort,
} from "./tidy/shape.ts";
import { plantedSources, projectSources } from "./tidy/sources.ts";
import { everyExportIsUsed, everyFileIsUsed } from "./tidy/unused.ts";

/**
 * The house rules as a test (ARCHITECTURE.md): each finds nothing in the project, and exactly what is planted for it.
 * A rule's file has what it looks for, its planted example, and its exceptions with their reasons.
 */
const rules: readonly (readonly [rule: string, protects: string, Rule])[] = [
  // Where things stand.
  ["every folder has a floor", "a new one is placed before it is used", everyFolderIsRanked],
  ["imports run down only, types too", "a room is understood without those above it", importsRunDown],
  ["an import names its file", "what nobody can see can't be judged", importsNameTheirFile],
  ["no circles of values", "a file can be loaded, and tested, by itself", noCirclesOfValues],
  ["the product stands alone", "tools, tests and the sandbox are in no package of it", productStandsAlone],
  // What is whose.
  ["a store is its room's", "every change of a table goes by the room's checks", storesAreTheirRooms],
  ["config/ is for app/ and cli/", "a room gets its own settings, as values", configIsForTheComposition],
  ["the web framework at the edge", "what is decided can be called without a request", webFrameworkAtTheEdge],
  ["only the list names providers", "another one is a folder and a line", onlyTheListNamesProviders],
  ["only the list looks into them", "the same", onlyTheListLooksIntoProviders],
  ["an imitation is loaded late", "production never has one in its process", imitationsAreLoadedLate],
  ["only the door issues tokens", "no way in forgets the log, the limits, the device", onlyTheDoorIssues],
  ["the door issues them", "the rule before this one looks for a name that is used", theDoorIssues],
  ["only accounts/ writes accounts", "names stay unique, and follow their rules", onlyAccountsWritesThem],
  ["only admission/ lets people in", "closed is closed at every door", onlyAdmissionLetsIn],
  ["only change.ts changes one", "a change that ends tokens can't forget to", onlyChangeChangesAccounts],
  ["only change.ts ends tokens", "the version has one writer", onlyChangeEndsTokens],
  ["names people log in by have one rule", "what one way in takes, none refuses", namesHaveOneRule],
  ["wire names are for routes", "a service reads the same for every client", wireNamesAreForRoutes],
  // How it is written.
  ["a name says what it is about", "utils.ts takes in everything", filesAreNamedByWhatTheyAreAbout],
  ["500 lines a file", "one sitting reads one file", filesEndBy500],
  ["above 300 lines with a reason", "a file that grows is looked at again", filesAbove300HaveAReason],
  ["a median file of 120 lines", "the same, for all of them", theMedianFileIsShort],
  ["70 lines a function", "one screen shows one function", functionsEndBy70],
  ["no barrels", "an import leads to the file that has it", noBarrels],
  ["a migration names its oldest program", "two versions run beside each other", migrationsNameAProgram],
  ["support without hooks of its own", "it is loaded once for many files", supportHasNoHooksOfItsOwn],
  // What is there is needed.
  ["every file is used", "what nobody starts or imports misleads", everyFileIsUsed],
  ["every export is used", "what isn't exported can be changed without a look around", everyExportIsUsed],
  // What isn't written.
  ["time comes from a Clock", "tests say what time it is", timeComesFromAClock],
  ["settings come from config/", "every variable is checked, documented and shown", settingsComeFromConfig],
  ["output goes through the log", "no address, code or secret gets out", outputGoesThroughTheLog],
  ["randomness comes from kernel/ids.ts", "what opens something can't be guessed", randomnessComesFromIds],
  ["texts are filled in one place", "a missing value shows, whoever says it", textsAreFilledInOnePlace],
  ["a row is added, a service created", "a search for one does not find the other", rowsAreAdded],
  ["everything has a type", "the compiler checks all of it", everythingHasAType],
  ["the compiler isn't silenced", "the same", theCompilerIsNotSilenced],
  ["every test runs", "green means all of it", testsRun],
  ["nothing is put off", "what isn't done is known outside the code", workIsDone],
];

const sources = projectSources();
const excepted = ({ file, what }: Finding) => `${file} ${what}`;
const place = ({ file, line }: Finding) => `${file}:${line}`;

describe.each(rules)("%s: %s", (_, __, { check, planted, exceptions = {} }) => {
  const found = check(sources);

  it("holds", () => {
    const broken = found.filter((one) => !(excepted(one) in exceptions));
    expect(broken.map((one) => `${place(one)} ${one.what}`)).toEqual([]);
  });

  it("has no exception that nothing needs any more", () => {
    const needed = new Set(found.map(excepted));
    expect(Object.keys(exceptions).filter((one) => !needed.has(one))).toEqual([]);
  });

  it("finds the planted example, and nothing beside it", () => {
    const tree = plantedSources(planted);
    const red = tree.flatMap(({ file, lines }) =>
      lines.flatMap((line, index) => (line.endsWith("// red") ? [`${file}:${index + 1}`] : [])),
    );
    expect(red.length).toBeGreaterThan(0);
    expect(check(tree).map(place).toSorted()).toEqual(red.toSorted());
  });
});

describe("what the rules judge", () => {
  it("has something on every floor", () => {
    const named = new Set(sources.flatMap(({ file }) => floorNames(file)));
    expect(floors.filter((floor) => !named.has(floor))).toEqual([]);
    expect(new Set(floors).size).toBe(floors.length);
  });

  it("is read with every way to import", () => {
    const file = "server/src/room/a.ts";
    const text = `
import { a, type A as Other } from "../other/other.ts";
import {
  b,
} from "./b.ts";
import type { C } from "./c.ts"; import { type D } from "./c.ts";
import "node:fs";
const { d } = await import("../third/third.ts");
const later = () => import(
  "./e.ts"
).then(({ e }) => e);
type F = typeof import("./f.ts");
type G = import("./g.ts").G;
// import("./comment.ts")
/** as import("./documentation.ts") does */
const text = 'import { no } from "./text.ts"';
const [{ h }, { i: j }] = await Promise.all([import("./h.ts"), import("./i.ts")]);
const k = (await import("./k.ts")).k;
export { l as m } from "./l.ts";
import * as n from "./n.ts";
await import(folder + name);
api.import("./method.ts"); reimport("./other.ts");
import p, { q } from "package/q.js";
`;
    const found = plantedSources({ [file]: text }).flatMap(importsOf);
    const room = "server/src/room";
    expect(
      found.map(({ line, to, typeOnly, dynamic, names }) => [line, to, typeOnly, dynamic, names]),
    ).toEqual([
      [2, "server/src/other/other.ts", false, false, ["a", "A"]],
      [3, `${room}/b.ts`, false, false, ["b"]],
      [6, `${room}/c.ts`, true, false, ["C"]],
      [6, `${room}/c.ts`, true, false, ["D"]],
      [7, "node:fs", false, false, []],
      [8, "server/src/third/third.ts", false, true, ["d"]],
      [9, `${room}/e.ts`, false, true, ["e"]],
      [12, `${room}/f.ts`, true, true, null],
      [13, `${room}/g.ts`, true, true, ["G"]],
      [17, `${room}/h.ts`, false, true, ["h"]],
      [17, `${room}/i.ts`, false, true, ["i"]],
      [18, `${room}/k.ts`, false, true, ["k"]],
      [19, `${room}/l.ts`, false, false, ["l"]],
      [20, `${room}/n.ts`, false, false, null],
      [21, "", false, true, null],
      [23, "package/q.js", false, false, ["default", "q"]],
    ]);
  });
});
