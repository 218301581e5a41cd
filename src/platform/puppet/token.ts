import { X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';

/**
 * The token is the only secret of a puppet service: who has it reads and
 * writes as the account. It turns up in error texts of the gateway, so every
 * text from there goes through this before it is logged or shown.
 */
export function redactTokens(text: string): string {
  return text
    .replace(/\b[a-z][a-z0-9.-]*_[0-9a-f-]{36}\b/gi, REDACTED)
    .replace(/puppet_\w+_\w+/gi, REDACTED)
    .replace(/\b(token\s*[:=]?\s*["'])[^"']*/gi, `$1${REDACTED}`)
    .replace(/\b(Wechaty\s+)[a-z]\S*_\S+/gi, `$1${REDACTED}`);
}

const REDACTED = '[token]';

export interface ServiceSettings {
  token: string;
  endpoint?: string;
  /** Let Wechaty ask api.chatie.io for the address, which tells it the token. */
  allowTokenDiscovery: boolean;
  /** The own certificate authority: a PEM text, or the path of one. */
  tlsCaCert?: string;
  noTls: boolean;
}

/** What a puppet service is made with. */
export interface ServicePuppetSettings {
  token: string;
  endpoint?: string;
  tls: { caCert?: string; disable: boolean };
}

/** Shaped like the problems of `config.ts`, to be told with them. */
export interface ServiceProblem {
  kind:
    | 'token-missing'
    | 'token-without-prefix'
    | 'token-would-be-disclosed'
    | 'endpoint-malformed'
    | 'ca-unreadable'
    | 'ca-not-a-certificate'
    | 'ca-without-tls';
  name: string;
  problem: string;
  example: string;
}

export type ServiceWarning =
  /** Without TLS, token and messages cross the network in clear text. */
  | 'clear-text'
  /** The key of the default certificate is in the npm package: it hides nothing from an attacker. */
  | 'published-certificate'
  | 'token-disclosed';

export type ServiceSettingsCheck =
  | { ok: true; options: ServicePuppetSettings; warnings: ServiceWarning[] }
  | { ok: false; problem: ServiceProblem };

/** Whether these settings can be used without giving the token away. Reads the CA file; tells no secret. */
export function checkServiceSettings(settings: ServiceSettings): ServiceSettingsCheck {
  const token = settings.token.trim();
  const endpoint = settings.endpoint?.trim() || undefined;
  const ca = settings.tlsCaCert ? readCertificate(settings.tlsCaCert) : undefined;
  const kind = tokenProblem(token) ?? endpointProblem(endpoint, settings) ?? tlsProblem(ca, settings);
  if (kind) return { ok: false, problem: { kind, ...PROBLEMS[kind] } };

  const caCert = ca?.pem;
  const warnings: ServiceWarning[] = [];
  if (settings.noTls) warnings.push('clear-text');
  else if (!caCert) warnings.push('published-certificate');
  if (!endpoint) warnings.push('token-disclosed');
  return {
    ok: true,
    options: { token, ...(endpoint && { endpoint }), tls: { ...(caCert && { caCert }), disable: settings.noTls } },
    warnings,
  };
}

type ProblemKind = ServiceProblem['kind'];
type Certificate = { pem: string; problem?: never } | { pem?: never; problem: ProblemKind };

function tokenProblem(token: string): ProblemKind | undefined {
  if (!token) return 'token-missing';
  // Wechaty takes the TLS server name from what stands before the last underscore.
  return token.lastIndexOf('_') > 0 ? undefined : 'token-without-prefix';
}

function endpointProblem(endpoint: string | undefined, settings: ServiceSettings): ProblemKind | undefined {
  if (!endpoint) return settings.allowTokenDiscovery ? undefined : 'token-would-be-disclosed';
  return /^([^\s/:]+|\[[0-9a-f:.]+\]):\d{1,5}$/i.test(endpoint) ? undefined : 'endpoint-malformed';
}

function tlsProblem(ca: Certificate | undefined, settings: ServiceSettings): ProblemKind | undefined {
  if (!ca) return undefined;
  return settings.noTls ? 'ca-without-tls' : ca.problem;
}

function readCertificate(pemOrFile: string): Certificate {
  let pem = pemOrFile.replaceAll('\\n', '\n');
  if (!pem.includes('-----BEGIN')) {
    try {
      pem = readFileSync(pemOrFile, 'utf8');
    } catch {
      return { problem: 'ca-unreadable' };
    }
  }
  try {
    new X509Certificate(pem);
    return { pem };
  } catch {
    return { problem: 'ca-not-a-certificate' };
  }
}

const TOKEN = 'WECHATY_PUPPET_SERVICE_TOKEN';
const ENDPOINT = 'WECHATY_PUPPET_SERVICE_ENDPOINT';
const CA = 'WECHATY_PUPPET_SERVICE_TLS_CA_CERT';

const PROBLEMS: Record<ProblemKind, Omit<ServiceProblem, 'kind'>> = {
  'token-missing': { name: TOKEN, problem: 'is needed', example: 'the token of your puppet service' },
  'token-without-prefix': {
    name: TOKEN,
    problem: 'has no name before an underscore, which Wechaty needs for TLS',
    example: 'xinglin_ and a UUID',
  },
  'token-would-be-disclosed': {
    name: ENDPOINT,
    problem:
      'is needed: without it Wechaty asks api.chatie.io for the address and tells this third party your token (allow it with XINGLIN_ALLOW_TOKEN_DISCOVERY=true)',
    example: '10.0.0.5:8788',
  },
  'endpoint-malformed': { name: ENDPOINT, problem: 'is not host:port', example: '10.0.0.5:8788' },
  'ca-unreadable': { name: CA, problem: 'is a file that cannot be read', example: '/etc/xinglin/ca.pem' },
  'ca-not-a-certificate': { name: CA, problem: 'holds no certificate in PEM form', example: '/etc/xinglin/ca.pem' },
  'ca-without-tls': {
    name: CA,
    problem: 'has no effect while WECHATY_PUPPET_SERVICE_NO_TLS_INSECURE_CLIENT is true',
    example: 'WECHATY_PUPPET_SERVICE_NO_TLS_INSECURE_CLIENT=false',
  },
};
