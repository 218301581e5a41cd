import { createCipheriv, createDecipheriv, createHash, createHmac, hkdfSync, randomBytes } from 'node:crypto';
import { closeSync, existsSync, fsyncSync, mkdirSync, openSync, readFileSync, renameSync, writeSync } from 'node:fs';
import { dirname } from 'node:path';

/** The key file is missing, damaged, or does not open what the database holds. */
export class KeyError extends Error {
  override name = 'KeyError';
  code = 'data-key';
}

/** Encrypts what may not be read from a stolen disk: AES-256-GCM, `v1.<key id>.<base64 of iv, tag and text>`. */
export interface Seal {
  seal(text: string): string;
  open(sealed: string): string;
  /** A keyed hash: finds the same text again without keeping it. Stays the same when keys are rotated. */
  hash(text: string): string;
}

interface Key {
  id: string;
  secret: Buffer;
}

/** Keys in the order of the file. The first one seals; all of them open; the last (oldest) one hashes. */
export function createSeal(secrets: Buffer[]): Seal {
  const keys: Key[] = secrets.map((secret) => ({
    id: createHash('sha256').update(secret).digest('hex').slice(0, 8),
    secret,
  }));
  const newest = keys[0];
  const oldest = keys[keys.length - 1];
  if (!newest || !oldest) throw new KeyError('the key file holds no key');
  const hashKey = Buffer.from(hkdfSync('sha256', oldest.secret, '', 'xinglin keyed hash', 32));
  return {
    seal(text) {
      const iv = randomBytes(12);
      const cipher = createCipheriv('aes-256-gcm', newest.secret, iv);
      const body = Buffer.concat([cipher.update(text, 'utf8'), cipher.final()]);
      return `v1.${newest.id}.${Buffer.concat([iv, cipher.getAuthTag(), body]).toString('base64')}`;
    },
    open(sealed) {
      const [version, id, body] = sealed.split('.');
      const key = keys.find((k) => k.id === id);
      if (version !== 'v1' || !key || !body) throw new KeyError('no key of the key file opens this text');
      try {
        return decrypt(key, Buffer.from(body, 'base64'));
      } catch (cause) {
        throw new KeyError('a sealed text was changed or cut off', { cause });
      }
    },
    hash: (text) => createHmac('sha256', hashKey).update(text).digest('base64url'),
  };
}

function decrypt(key: Key, bytes: Buffer): string {
  // Without the length, Node would take a tag that was cut to four bytes.
  const decipher = createDecipheriv('aes-256-gcm', key.secret, bytes.subarray(0, 12), { authTagLength: 16 });
  decipher.setAuthTag(bytes.subarray(12, 28));
  return decipher.update(bytes.subarray(28), undefined, 'utf8') + decipher.final('utf8');
}

/** Reads the key file (one hex key of 32 bytes a line, newest first); makes it, mode 0600, when there is none. */
export function loadSeal(file: string): Seal {
  if (!existsSync(file)) writeKeys(file, [randomBytes(32)]);
  return createSeal(readKeys(file));
}

/** Puts a new key on top of the file. What is sealed from now on uses it; older keys still open. */
export function rotateKey(file: string): void {
  writeKeys(file, [randomBytes(32), ...readKeys(file)]);
}

function readKeys(file: string): Buffer[] {
  const lines = readFileSync(file, 'utf8')
    .split('\n')
    .map((line) => line.trim())
    .filter(Boolean);
  if (lines.length === 0 || lines.some((line) => !/^[0-9a-f]{64}$/i.test(line))) {
    throw new KeyError(`${file} is not a key file: it needs one key of 64 hex digits a line`);
  }
  return lines.map((line) => Buffer.from(line, 'hex'));
}

function writeKeys(file: string, keys: Buffer[]): void {
  mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
  // Written beside it and renamed: a crash leaves the old keys or the new ones, never half a file.
  const handle = openSync(`${file}.new`, 'w', 0o600);
  writeSync(handle, `${keys.map((key) => key.toString('hex')).join('\n')}\n`);
  fsyncSync(handle);
  closeSync(handle);
  renameSync(`${file}.new`, file);
}
