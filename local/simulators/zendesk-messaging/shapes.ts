/** What the Sunshine Conversations API takes and refuses, as its description says it. */
import * as z from "zod";

/** Flat, and of 4 kB at most. */
const Metadata = z
  .record(z.string(), z.union([z.string(), z.number(), z.boolean()]))
  .refine((metadata) => JSON.stringify(metadata).length <= 4096, "metadata is limited to 4096 bytes in size");
const DisplayName = z.string().min(1).max(100);

const Profile = z.strictObject({
  givenName: z.string().min(1).max(128).nullish(),
  surname: z.string().min(1).max(128).nullish(),
  email: z.email().max(128).nullish(),
  avatarUrl: z.url().max(2048).nullish(),
  locale: z.string().min(1).max(64).nullish(),
});
export type Profile = z.output<typeof Profile>;

export const UserCreate = z.strictObject({
  externalId: z.string().min(1).max(1024),
  signedUpAt: z.iso.datetime().optional(),
  toBeRetained: z.boolean().optional(),
  profile: Profile.optional(),
  metadata: Metadata.optional(),
});
export const UserUpdate = UserCreate.omit({ externalId: true });

const Participant = z.union([
  z.strictObject({ userId: z.string(), subscribeSDKClient: z.boolean().optional() }),
  z.strictObject({ userExternalId: z.string(), subscribeSDKClient: z.boolean().optional() }),
]);
export const ConversationCreate = z.strictObject({
  type: z.literal("personal"),
  participants: z.array(Participant).length(1),
  displayName: DisplayName.optional(),
  description: z.string().min(1).max(100).optional(),
  iconUrl: z.url().optional(),
  metadata: Metadata.optional(),
});

const UserAuthor = z.union([
  z.strictObject({ type: z.literal("user"), userId: z.string() }),
  z.strictObject({ type: z.literal("user"), userExternalId: z.string() }),
]);
const BusinessAuthor = z.strictObject({
  type: z.literal("business"),
  subtypes: z
    .array(z.enum(["AI", "activity"]))
    .max(1)
    .optional(),
  displayName: DisplayName.optional(),
  avatarUrl: z.url().optional(),
});

const media = { mediaUrl: z.url(), altText: z.string().max(128).optional(), text: z.string().optional() };
export const Content = z.discriminatedUnion("type", [
  z.strictObject({ type: z.literal("text"), text: z.string().min(1).max(4096) }),
  z.strictObject({ type: z.literal("image"), ...media }),
  z.strictObject({ type: z.literal("file"), ...media }),
  z.strictObject({
    type: z.literal("location"),
    coordinates: z.strictObject({ lat: z.number(), long: z.number() }),
    location: z.strictObject({ name: z.string().optional(), address: z.string().optional() }).optional(),
  }),
]);
export type Content = z.output<typeof Content>;

export const MessagePost = z.strictObject({
  author: z.union([...UserAuthor.options, BusinessAuthor]),
  content: Content,
  destination: z
    .union([z.strictObject({ integrationId: z.string() }), z.strictObject({ integrationType: z.string() })])
    .optional(),
  metadata: Metadata.optional(),
});

export const PassControl = z.strictObject({ switchboardIntegration: z.string().min(1), metadata: Metadata.optional() });
