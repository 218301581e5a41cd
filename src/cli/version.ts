import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { packageDir } from '../platform/config.js';

export const version = (JSON.parse(readFileSync(join(packageDir, 'package.json'), 'utf8')) as { version: string })
  .version;
