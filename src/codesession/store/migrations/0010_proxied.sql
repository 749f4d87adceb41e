-- Which calls the proxy saw: asked by every import, of ledgers that as a rule hold few of them or none.
CREATE INDEX usage_rollups_proxied ON usage_rollups (provider_name, bucket_start_ms) WHERE source LIKE '%proxy%';
