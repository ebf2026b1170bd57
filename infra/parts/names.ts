/** What a resource is called in the account; names that the owner reads in alarms and consoles. */
export function physicalName(stage: string, name: string): string {
  return `recado-${stage}-${name}`;
}

/** @throws when resources could not carry the stage in their names */
export function checkStage(stage: string): string {
  if (/^[a-z][a-z0-9-]{0,15}$/.test(stage)) return stage;
  throw new Error(
    `The stage "${stage}" cannot be part of a resource's name: use at most 16 lower-case letters, digits and hyphens, beginning with a letter.`,
  );
}

/** `whatsapp-cloud` → `WhatsappCloud`, as logical ids and outputs are written. */
export function pascalCase(name: string): string {
  return name
    .split("-")
    .map((word) => word.charAt(0).toUpperCase() + word.slice(1))
    .join("");
}
