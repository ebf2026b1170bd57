/**
 * The shape of a synthesized CloudFormation template. Strict on purpose: a section or an attribute of a resource that
 * the local run does not know must fail the start, not be passed over.
 */
import * as z from "zod";

const TemplateResource = z.strictObject({
  Type: z.string(),
  Properties: z.record(z.string(), z.unknown()).optional(),
  DependsOn: z.union([z.string(), z.array(z.string())]).optional(),
  Condition: z.string().optional(),
  /** What happens on deletion is never played: nothing local is deleted but by its owner. */
  DeletionPolicy: z.string().optional(),
  UpdateReplacePolicy: z.string().optional(),
  Metadata: z.unknown().optional(),
});
export type TemplateResource = z.infer<typeof TemplateResource>;

const TemplateOutput = z.strictObject({
  Value: z.unknown(),
  Description: z.string().optional(),
  Export: z.unknown().optional(),
  Condition: z.string().optional(),
});

export const CloudFormationTemplate = z.strictObject({
  AWSTemplateFormatVersion: z.string().optional(),
  Description: z.string().optional(),
  Metadata: z.unknown().optional(),
  Parameters: z
    .record(
      z.string(),
      z.strictObject({ Type: z.string(), Default: z.string().optional(), Description: z.string().optional() }),
    )
    .optional(),
  Conditions: z.record(z.string(), z.unknown()).optional(),
  Resources: z.record(z.string(), TemplateResource),
  Outputs: z.record(z.string(), TemplateOutput).optional(),
  /** The CDK's check of its own bootstrap stack, which an account has and a laptop does not. */
  Rules: z.strictObject({ CheckBootstrapVersion: z.unknown().optional() }).optional(),
});
export type CloudFormationTemplate = z.infer<typeof CloudFormationTemplate>;

/** @throws Error naming the first places where the template holds what the local run does not know. */
export function checkTemplate(input: unknown): CloudFormationTemplate {
  const checked = CloudFormationTemplate.safeParse(input);
  if (checked.success) return checked.data;
  throw new Error(`The local run does not know this part of the template: ${sentences(checked.error)}`);
}

/** A zod error as `place: fault` clauses. */
export function sentences(error: z.core.$ZodError): string {
  return error.issues.map(({ path, message }) => `${path.join(".") || "(top level)"}: ${message}`).join("; ");
}
