/** The code of a function that serves several helpdesks: with what can be asked of those in use, and of no others. */
import type { Code } from "aws-cdk-lib/aws-lambda";
import type { Config } from "../../shared/config.ts";
import { type HelpdeskName, helpdesks } from "../../shared/helpdesks/registry.ts";
import { bundle } from "./bundle.ts";

/** Whether a desk of this kind can be asked for what its webhooks did not tell. */
export function isAsked(helpdesk: HelpdeskName): boolean {
  return "reconciler" in helpdesks[helpdesk];
}

/** Whether a desk of this kind has tickets of its own; else it is told the events themselves. */
export function hasTickets(helpdesk: HelpdeskName): boolean {
  return !("post" in helpdesks[helpdesk].way);
}

/** The function's handler is made by `createHandler`, of a helpdesk's capabilities and reconciler by its name. */
export function deskBundle(folder: string, { helpdesks: desks }: Config): Code {
  const kinds = [...new Set(Object.values(desks).map(({ helpdesk }) => helpdesk))];
  const imports = kinds.flatMap((kind, index) => [
    `import { capabilities as c${index} } from "./shared/helpdesks/${kind}/capabilities.ts";`,
    ...(isAsked(kind) ? [`import { reconciler as r${index} } from "./shared/helpdesks/${kind}/reconcile.ts";`] : []),
  ]);
  const members = kinds.map((kind, index) => {
    const reconciler = isAsked(kind) ? `, reconciler: r${index}` : "";
    return `  ${JSON.stringify(kind)}: { capabilities: c${index}${reconciler} },`;
  });
  const entry = [
    ...imports,
    `import { createHandler } from "./functions/${folder}/handler.ts";`,
    "export const handler = createHandler({",
    ...members,
    "});",
  ];
  return bundle(folder, entry.join("\n"));
}
