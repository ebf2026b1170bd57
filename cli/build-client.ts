/** `npm run build:client`: the client of shared/client as one file without dependencies, and its types. */
import { execFileSync } from "node:child_process";
import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const root = fileURLToPath(new URL("..", import.meta.url));

/** The module as it is delivered. It names nothing of Node: what is not everywhere would not be found here. */
export async function clientModule(): Promise<string> {
  const { outputFiles } = await build({
    entryPoints: [join(root, "shared/client/client.ts")],
    bundle: true,
    format: "esm",
    platform: "neutral",
    target: "es2022",
    minify: true,
    write: false,
    legalComments: "none",
  });
  return outputFiles[0]?.text ?? "";
}

/** Types of the contract that the client's own refer to. */
const SHAPES: Readonly<Record<string, readonly string[]>> = {
  "api-shapes": [
    ...["ApiContact", "ApiConversation", "ApiMedia", "ApiMessage", "ConsentToNote", "ConversationFilter", "ExportItem"],
    ...["MediaToUpload", "MessageFilter", "MessageToSend", "NewProactiveMessage", "PlanAnswer", "UploadOffer"],
  ],
  "batch-shapes": ["ApiBatch", "ApiBatchRecipient", "BatchPlanAnswer", "NewBatch"],
  "contact-shapes": ["ContactChange", "ContactConsentToNote", "ContactFilter"],
  "erasure-shapes": ["ErasureAnswer"],
  "subscription-shapes": [
    ...["AddedSecret", "ApiAttempt", "ApiReplay", "ApiSubscription", "CreatedSubscription", "ReplayToStart"],
    ...["SubscriptionChange", "SubscriptionToCreate"],
  ],
  envelope: ["Envelope"],
};

/**
 * The types of the module, which need no other file: the compiler writes out what zod infers.
 */
export function clientTypes(): string {
  const folder = join(root, "dist/types");
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  const named = Object.entries(SHAPES).flatMap(([file, names]) => names.map((name) => ({ file, name })));
  const source = [
    ...named.map(({ file, name }) => `import type { ${name} } from "../../shared/domain/${file}.ts";`),
    // Mapped anew, so that the compiler writes out what has a name of its own, too.
    "declare function written<Shape>(): Shape extends unknown ? { [Name in keyof Shape]: Shape[Name] } : never;",
    ...named.map(({ name }) => `export const the${name} = written<${name}>();`),
  ];
  writeFileSync(join(folder, "shapes.ts"), source.join("\n"));
  const settings = {
    extends: "../../tsconfig.json",
    compilerOptions: { noEmit: false, declaration: true, emitDeclarationOnly: true, outDir: "out", rootDir: "../.." },
    include: [],
    files: ["shapes.ts", "../../shared/client/client.ts"],
  };
  writeFileSync(join(folder, "tsconfig.json"), JSON.stringify(settings));
  execFileSync(process.execPath, [join(root, "node_modules/typescript/bin/tsc"), "-p", folder], { stdio: "inherit" });
  const out = (path: string) => readFileSync(join(folder, "out", `${path}.d.ts`), "utf8");
  const shapes = out("dist/types/shapes")
    .replaceAll(/^import .*\n/gm, "")
    .replaceAll(/^export declare const the(\w+): /gm, "export type $1 = ");
  const own = ["error", "webhook", "access", "list", "contacts", "batches", "subscriptions", "client"].map((name) =>
    out(`shared/client/${name}`)
      .replaceAll(/^import [^;]*;\n/gm, "")
      .replaceAll(/^export (type )?\{[^}]*\} from .*\n/gm, "")
      .replaceAll(/^export declare function (rowsOf|contactsOf|batchesOf|subscriptionsOf)[^;]*;\n/gm, ""),
  );
  rmSync(folder, { recursive: true });
  return [shapes, ...own].join("\n");
}

/** Runs as a script, not where a test imports it. */
if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const folder = join(root, "dist");
  mkdirSync(folder, { recursive: true });
  for (const [name, text] of [
    ["recado-client.mjs", await clientModule()],
    ["recado-client.d.mts", clientTypes()],
  ] as const) {
    writeFileSync(join(folder, name), text);
    console.log(`dist/${name}: ${Buffer.byteLength(text)} bytes`);
  }
}
