import { expect, test } from "vitest";
import { createCredentials, type Membership } from "../../src/extension/session/credentials.ts";
import { createFakeSecrets } from "../support/fake-secrets.ts";

const MEMBER: Membership = {
  server: "http://127.0.0.1:1",
  token: "one",
  participant: "ada",
  role: "reader",
  name: "Ada",
};

test("SY-91 what is changed at the same moment is all changed: a renewed token does not bring back who left", async () => {
  const credentials = createCredentials(createFakeSecrets());
  await credentials.change("room", () => MEMBER);
  const changes = await Promise.all([
    credentials.change("room", (held) => held && { ...held, left: true }),
    credentials.change("room", (held) => held && { ...held, name: "Ada L." }),
    credentials.change("room", (held) => (held?.token === "one" ? { ...held, token: "two" } : undefined)),
    credentials.change("room", (held) => (held?.token === "one" ? { ...held, token: "three" } : undefined)),
  ]);
  expect(changes).toEqual([true, true, true, false]);
  expect(await credentials.get("room")).toEqual({ ...MEMBER, left: true, name: "Ada L.", token: "two" });
});

test("SY-91 a change that the keychain refuses is told to its maker, and keeps no other one up", async () => {
  const secrets = createFakeSecrets();
  const { store } = secrets;
  secrets.store = () => Promise.reject(new Error("locked"));
  const credentials = createCredentials(secrets);
  await expect(credentials.change("room", () => MEMBER)).rejects.toThrow("locked");
  secrets.store = store;
  expect(await credentials.change("room", () => MEMBER)).toBe(true);
});
