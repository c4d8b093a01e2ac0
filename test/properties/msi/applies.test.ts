import { describe, expect, it } from 'vitest';
import { MSI_PROPERTIES } from '../../../properties/msi/index.ts';
import { SCOPES } from '../../../workload/scopes/index.ts';

/** The scopes in which a property is looked at. */
function scopesOf(id: string): readonly string[] {
  const property = MSI_PROPERTIES.find((each) => each.id === id);
  return SCOPES.filter(({ platform }) => property?.appliesTo?.(platform) === true).map(({ name }) => name);
}

describe('properties of MSIs apply where they have something to speak of:', () => {
  it.each([
    ['second-its-works-or-eexist', ['two-its']],
    ['small-vits-loses-nothing', ['msi-layouts']],
    ['intx-by-msi-is-delivered', ['msi-layouts']],
    ['untranslated-msi-can-be-nested', ['msi-layouts']],
    ['msi-reaches-own-doorbell', ['two-its', 'msi-layouts']],
    ['msi-reaches-nothing-else', ['two-its', 'msi-layouts', 'container', 'container-msi']],
  ])('%s', (id, scopes) => {
    expect(scopesOf(id)).toEqual(scopes);
  });
});
