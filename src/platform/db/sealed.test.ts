import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, describe, expect, it } from 'vitest';
import { createSeal, KeyError, loadSeal, rotateKey } from './sealed.js';

const [one, two] = [Buffer.alloc(32, 1), Buffer.alloc(32, 2)];
const folders: string[] = [];
afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true });
});

function keyFile(): string {
  const folder = mkdtempSync(join(tmpdir(), 'xinglin-key-'));
  folders.push(folder);
  return join(folder, 'key', 'data.key');
}

describe('sealed text', () => {
  it('opens to what was sealed, and never looks the same twice', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), (text) => {
        const seal = createSeal([one]);
        const sealed = seal.seal(text);
        expect(seal.open(sealed)).toBe(text);
        expect(seal.seal(text)).not.toBe(sealed);
        if (text.length > 3) expect(sealed).not.toContain(text);
      }),
    );
  });

  it('does not open with another key', () => {
    const sealed = createSeal([one]).seal('空腹 6.5');
    expect(() => createSeal([two]).open(sealed)).toThrow(KeyError);
  });

  it('does not open when a single bit was changed, or when it was cut', () => {
    const seal = createSeal([one]);
    const [version, id, body = ''] = seal.seal('空腹 6.5').split('.');
    const bytes = Buffer.from(body, 'base64');
    for (let i = 0; i < bytes.length; i += 1) {
      const changed = Buffer.from(bytes);
      changed[i] = (changed[i] ?? 0) ^ 1;
      expect(() => seal.open([version, id, changed.toString('base64')].join('.'))).toThrow(KeyError);
      const cut = bytes.subarray(0, i);
      expect(() => seal.open([version, id, cut.toString('base64')].join('.'))).toThrow(KeyError);
    }
    for (const other of ['', 'v1', 'v2.x.y', 'plain text', `v1.${id}.`]) {
      expect(() => seal.open(other)).toThrow(KeyError);
    }
  });

  it('still opens after the key was rotated, while new text is under the new key', () => {
    const file = keyFile();
    const before = loadSeal(file);
    const old = before.seal('old');
    const hash = before.hash('same');
    rotateKey(file);
    const after = loadSeal(file);
    expect(after.open(old)).toBe('old');
    expect(after.hash('same')).toBe(hash);
    const fresh = after.seal('new');
    expect(() => before.open(fresh)).toThrow(KeyError);
    expect(fresh.split('.')[1]).not.toBe(old.split('.')[1]);
    rotateKey(file);
    expect(loadSeal(file).open(old)).toBe('old');
    expect(readFileSync(file, 'utf8').trim().split('\n')).toHaveLength(3);
  });

  it('a keyed hash tells nothing without the key', () => {
    expect(createSeal([one]).hash('a')).toBe(createSeal([one]).hash('a'));
    expect(createSeal([one]).hash('a')).not.toBe(createSeal([two]).hash('a'));
    expect(createSeal([one]).hash('a')).not.toBe(createSeal([one]).hash('b'));
  });
});

describe('the key file', () => {
  it('is made once, for the owner alone', () => {
    const file = keyFile();
    const sealed = loadSeal(file).seal('x');
    expect(statSync(file).mode & 0o077).toBe(0);
    expect(loadSeal(file).open(sealed)).toBe('x');
  });

  it.each(['', 'not a key', `${'a'.repeat(63)}\n`, `${'a'.repeat(64)}\nrubbish`])(
    'that is damaged is refused: %j',
    (text) => {
      const file = keyFile();
      loadSeal(file);
      writeFileSync(file, text);
      expect(() => loadSeal(file)).toThrow(KeyError);
      expect(() => rotateKey(file)).toThrow(KeyError);
    },
  );
});
