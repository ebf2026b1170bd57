/** The shape of the repository, kept by globbing: a new file or folder is judged without being named here. */
import { existsSync, globSync, readFileSync } from "node:fs";
import { basename, dirname, join, matchesGlob, normalize } from "node:path";
import { describe, expect, it } from "vitest";
import { connectors } from "../shared/channels/registry.ts";
import { helpdesks } from "../shared/helpdesks/registry.ts";

const sources = globSync("{shared,functions,infra}/**/*.ts").sort();
const everything = globSync("{shared,functions,infra,local,cli,bench,test}/**/*.{ts,mjs}", {
  exclude: ["**/node_modules/**"],
}).sort();
const read = (path: string) => readFileSync(path, "utf8");

const NODE = "node:*{,/*}";
const OWN_FOLDER = "./";

const CONNECTOR = [
  OWN_FOLDER,
  "shared/channels/connector.ts",
  "shared/domain/*.ts",
  "shared/ports.ts",
  "shared/http/*.ts",
  "zod",
  "zod/mini",
  "node:{crypto,querystring}",
  "libphonenumber-js{,/**}",
];

/** Who may import whom. A pattern is a path from the root, a package, or the importer's own folder. */
const RULES: Record<string, string[]> = {
  "shared/domain/*.ts": [OWN_FOLDER, "zod", "zod/mini", "node:crypto"],
  "shared/ports.ts": ["shared/domain/*.ts"],
  "shared/log.ts": [],
  "shared/config.ts": ["shared/{channels,helpdesks}/registry.ts", "shared/domain/content-to-send.ts", "zod"],
  "shared/helpdesks/*.ts": [
    "shared/helpdesks/*.ts",
    "shared/helpdesks/*/index.ts",
    "shared/channels/connector.ts",
    "shared/domain/*.ts",
    "shared/ports.ts",
    "zod",
    // What reads the marks that agents' editors write.
    "{domhandler,htmlparser2,marked}",
  ],
  "shared/helpdesks/*/*.ts": [
    OWN_FOLDER,
    "shared/helpdesks/{helpdesk,ask,by-account,html-text,unreadable}.ts",
    "shared/channels/connector.ts",
    "shared/domain/*.ts",
    "shared/ports.ts",
    "shared/http/*.ts",
    "zod{,/mini}",
    "node:crypto",
  ],
  "shared/channels/*.ts": [
    "shared/channels/*.ts",
    "shared/channels/*/{index,capabilities,address,media,profile}.ts",
    "shared/domain/*.ts",
    "shared/ports.ts",
    "zod",
    "node:crypto",
  ],
  // The story that several functions tell of a message on its way into the mailbox.
  "shared/sending/*.ts": [
    OWN_FOLDER,
    "shared/channels/connector.ts",
    "shared/domain/*.ts",
    "shared/ports.ts",
    "zod",
    "node:crypto",
  ],
  "shared/channels/!(messenger|instagram|whatsapp-cloud|whatsapp-aws|sms-aws)/*.ts": CONNECTOR,
  // Two products of one platform: what they have in common stands beside them, since no connector imports another.
  "shared/channels/{messenger,instagram}/*.ts": [...CONNECTOR, "shared/messenger-platform/*.ts"],
  // Two ways to one platform.
  "shared/channels/whatsapp-cloud/*.ts": [...CONNECTOR, "shared/whatsapp-platform/*.ts"],
  // Whose provider is AWS: its SDK signs, and nothing else of AWS's is reached with it.
  "shared/channels/whatsapp-aws/*.ts": [
    ...CONNECTOR,
    "shared/whatsapp-platform/*.ts",
    "@aws-sdk/{client-socialmessaging,client-s3,s3-request-presigner}",
  ],
  "shared/channels/sms-aws/*.ts": [...CONNECTOR, "@aws-sdk/client-pinpoint-sms-voice-v2"],
  "shared/{messenger,whatsapp}-platform/*.ts": [
    OWN_FOLDER,
    "shared/channels/connector.ts",
    "shared/domain/*.ts",
    "shared/ports.ts",
    "shared/http/*.ts",
    "zod/mini",
  ],
  // Of the contract only its types: it is delivered as one file that needs no other.
  "shared/client/*.ts": [OWN_FOLDER, "shared/domain/{*-shapes,envelope}.ts"],
  "shared/http/*.ts": [
    OWN_FOLDER,
    "shared/domain/*.ts",
    "shared/ports.ts",
    "shared/log.ts",
    "shared/channels/connector.ts",
    "request-filtering-agent",
    NODE,
  ],
  "shared/aws/*.ts": [
    OWN_FOLDER,
    "shared/domain/*.ts",
    "shared/ports.ts",
    "shared/log.ts",
    "@aws-sdk/*",
    "aws4",
    "aws-lambda",
    "zod{,/mini}",
    NODE,
  ],
  "functions/*/env.ts": ["zod"],
  "functions/*/*handler.ts": [OWN_FOLDER, "shared/**", "@middy/*", "aws-lambda", "zod", NODE],
  // What AWS hands in and wants back, for a handler whose wiring has no room for it.
  "functions/*/gateway.ts": [OWN_FOLDER, "aws-lambda"],
  "functions/*/!(env|*handler|gateway).ts": [
    OWN_FOLDER,
    "shared/domain/*.ts",
    "shared/ports.ts",
    "shared/log.ts",
    "shared/{channels,helpdesks,sending}/*.ts",
    "zod{,/mini}",
    "node:crypto",
  ],
  "infra/**/*.ts": [
    "infra/**",
    "functions/*/env.ts",
    "shared/config.ts",
    "shared/{channels,helpdesks}/registry.ts",
    "aws-cdk-lib/*",
    "constructs",
    "cdk-nag",
    "esbuild",
    NODE,
  ],
};

const IMPORT = /^\s*(?:import|export)\b(?:[^;"']*?\bfrom)?\s*"([^"]+)"|\bimport\(\s*"([^"]+)"/gm;

/** What a file imports: paths from the root, and packages by name. Types count too. */
function importsOf(path: string): string[] {
  return [...read(path).matchAll(IMPORT)].map(([, from, dynamic]) => {
    const specifier = from ?? dynamic ?? "";
    return specifier.startsWith(".") ? normalize(join(dirname(path), specifier)) : specifier;
  });
}

const rulesOf = (path: string) => Object.keys(RULES).filter((pattern) => matchesGlob(path, pattern));

describe("imports point one way", () => {
  it("has one rule for every file", () => {
    expect(sources.filter((path) => rulesOf(path).length !== 1)).toEqual([]);
  });

  it("has no file that imports what its rule does not allow", () => {
    const forbidden = sources.flatMap((path) => {
      const allowed = rulesOf(path).flatMap((rule) => RULES[rule] ?? []);
      const isAllowed = (imported: string) =>
        allowed.some((pattern) =>
          pattern === OWN_FOLDER ? dirname(imported) === dirname(path) : matchesGlob(imported, pattern),
        );
      return importsOf(path)
        .filter((imported) => !isAllowed(imported))
        .map((imported) => `${path} → ${imported}`);
    });
    expect(forbidden).toEqual([]);
  });

  it("sees the imports that it judges", () => {
    expect(importsOf("infra/synthesize.ts")).toContain("infra/stack.ts");
    expect(importsOf("shared/ports.ts")).toContain("shared/domain/conversation-log.ts");
    expect(sources.filter((path) => importsOf(path).length === 0).length).toBeLessThan(sources.length / 4);
  });
});

describe("functions", () => {
  const folders = globSync("functions/*/").map((path) => basename(path));
  const [, section = ""] = read("docs/runbook.md").split("\n## Functions\n");
  const runbookEntries = [...section.matchAll(/^### (.+)$/gm)].map(([, entry]) => entry);

  it.each(folders)(
    "%s has a schema of its environment, wiring, a story, a construct, a runbook entry and a test",
    (folder) => {
      for (const file of ["env.ts", "handler.ts", `${folder}.ts`])
        expect(existsSync(`functions/${folder}/${file}`), file).toBe(true);
      expect(existsSync(`infra/${folder}.ts`), "construct").toBe(true);
      expect(runbookEntries).toContain(folder);
      expect(globSync(`test/functions/${folder}/**/*.test.ts`), "tests").not.toEqual([]);
    },
  );

  it("are all that the runbook tells of", () => {
    expect(new Set(runbookEntries)).toEqual(new Set(folders));
  });

  it("keep the environment's schema apart from reading it", () => {
    for (const folder of folders) expect(read(`functions/${folder}/env.ts`)).not.toMatch(/process\.env|\.parse\(/);
  });
});

describe("connectors", () => {
  const folders = globSync("shared/channels/*/").map((path) => basename(path));
  const files = ["index", "settings", "capabilities", "address", "verify", "payload", "parse", "render", "send"].map(
    (name) => `${name}.ts`,
  );

  it("are the folders, one line each in the registry, under their own names", () => {
    expect(Object.keys(connectors).sort()).toEqual(folders.sort());
    for (const [name, connector] of Object.entries(connectors)) expect(connector.name).toBe(name);
  });

  it.each(folders)("%s has the agreed files, a README, fixtures and tests", (folder) => {
    for (const file of [...files, "README.md"])
      expect(existsSync(`shared/channels/${folder}/${file}`), file).toBe(true);
    expect(globSync(`test/fixtures/${folder}/*`), "fixtures").not.toEqual([]);
    const tests = globSync([
      `test/{contracts,channels}/${folder}{,.*,-*}.test.ts`,
      `test/{contracts,channels}/${folder}/**/*.test.ts`,
    ]);
    expect(tests, "tests").not.toEqual([]);
  });
});

describe("helpdesks", () => {
  const folders = globSync("shared/helpdesks/*/").map((path) => basename(path));
  const files = ["index", "settings", "capabilities", "verify", "payload", "parse", "post"].map((name) => `${name}.ts`);

  it("are the folders, one line each in the registry, under their own names", () => {
    expect(Object.keys(helpdesks).sort()).toEqual(folders.sort());
    for (const [name, helpdesk] of Object.entries(helpdesks)) expect(helpdesk.name).toBe(name);
  });

  it.each(folders)("%s has the agreed files, a README and tests", (folder) => {
    for (const file of [...files, "README.md"])
      expect(existsSync(`shared/helpdesks/${folder}/${file}`), file).toBe(true);
    expect(globSync(`test/helpdesks/${folder}{,.*,-*}.test.ts`), "tests").not.toEqual([]);
  });
});

describe("words", () => {
  it("has no drawer for whatever fits nowhere", () => {
    const drawer = /^(utils?|helpers?|common|misc)$/;
    const parts = everything.flatMap((path) => path.replace(/\.[^/]*$/, "").split("/"));
    expect(parts.filter((part) => drawer.test(part))).toEqual([]);
  });

  it("exports by name", () => {
    const byDefault = everything.filter((path) => /^export default\b|\bas default\b/m.test(codeOf(path)));
    expect(byDefault).toEqual([]);
  });

  it("leaves no type unsaid outside tests", () => {
    const unsaid = everything
      .filter((path) => !path.startsWith("test/"))
      .filter((path) => /[:<,(|&]\s*any\b|\bas any\b|\bas unknown as\b|[\w)\]]!(?=[.;,)\][])/.test(codeOf(path)));
    expect(unsaid).toEqual([]);
  });
});

/** Without comments and what stands in quotes. */
function codeOf(path: string): string {
  return read(path)
    .replace(/\/\*[\s\S]*?\*\//g, "")
    .replace(/(^|\s)\/\/.*$/gm, "")
    .replace(/"(?:[^"\\\n]|\\.)*"/g, '""');
}
