# Runs in the installer as soon as it has read its preseed: says that the installation has begun. Never fails, because
# an installer stops and asks a person when it does.
{{#if progress_url}}
wget -q -O /dev/null {{shell progress_url}}'?step=installing&message=The+installer+has+read+its+preseed' || true
{{/if}}
exit 0
