// In the specs of the wechaty packages every import of wechaty-puppet-mock, and the mock's own imports of itself,
// lead to our simulator.
const SIMULATOR = new URL('./mock-facade.mjs', import.meta.url).href;
const OWN_MODULES = /(?:puppet-mock|mocker|environment|mod)\.js$/;

export async function resolve(specifier, context, next) {
  const ownImport =
    context.parentURL?.includes('/wechaty-puppet-mock/dist/esm/') &&
    context.parentURL.endsWith('.spec.js') &&
    OWN_MODULES.test(specifier);
  if (specifier === 'wechaty-puppet-mock' || ownImport) return { url: SIMULATOR, shortCircuit: true };
  return next(specifier, context);
}
