// Verifies a badge with @digitalbazaar/vc: files alone, no network. Arguments: badge, status list, contexts' folder.
import {readFileSync} from 'node:fs';
import * as vc from '@digitalbazaar/vc';
import {DataIntegrityProof} from '@digitalbazaar/data-integrity';
import {cryptosuite} from '@digitalbazaar/eddsa-rdfc-2022-cryptosuite';
import {checkStatus} from '@digitalbazaar/vc-bitstring-status-list';

const [badgeFile, listFile, folder] = process.argv.slice(2);
const json = path => JSON.parse(readFileSync(path, 'utf8'));
const badge = json(badgeFile), list = json(listFile);
const documents = new Map([
  ['https://www.w3.org/ns/credentials/v2', json(`${folder}/credentials-v2.json`)],
  ['https://purl.imsglobal.org/spec/ob/v3p0/context-3.0.3.json', json(`${folder}/open-badges-3.0.3.json`)],
  [list.id, list],
]);
const did = badge.issuer.id, key = did.slice('did:key:'.length);
const method = {
  '@context': 'https://w3id.org/security/multikey/v1', id: `${did}#${key}`, type: 'Multikey', controller: did,
  publicKeyMultibase: key,
};
documents.set(method.id, method);
documents.set(did, {
  '@context': ['https://www.w3.org/ns/did/v1', 'https://w3id.org/security/multikey/v1'], id: did,
  verificationMethod: [method], assertionMethod: [method.id],
});
const documentLoader = async url => {
  if(!documents.has(url)) throw new Error(`Not to be fetched: ${url}`);
  return {contextUrl: null, documentUrl: url, document: documents.get(url)};
};
const suite = new DataIntegrityProof({cryptosuite});
const result = await vc.verifyCredential({
  credential: badge, suite, documentLoader, checkStatus: options => checkStatus({...options, verifyBitstringStatusListCredential: true}),
});
const status = (result.statusResult?.results || [])[0];
const errors = result.error ? [].concat(result.error.errors || result.error).map(String) : [];
console.log(JSON.stringify({verified: result.verified, revoked: status?.status ?? null, errors}));
