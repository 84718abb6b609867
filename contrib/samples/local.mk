EXTRA_DIST += \
	%D%/node-shop/.gitignore \
	%D%/node-shop/README.md \
	%D%/node-shop/lib/catalogue.js \
	%D%/node-shop/lib/minify.js \
	%D%/node-shop/lib/orders.js \
	%D%/node-shop/package.json \
	%D%/node-shop/scripts/bundle.js \
	%D%/node-shop/scripts/fail.js \
	%D%/node-shop/scripts/verify.js \
	%D%/node-shop/server.js \
	%D%/node-shop/src/base.css \
	%D%/node-shop/src/cart.js \
	%D%/node-shop/src/shop.css \
	%D%/node-shop/test/shop.test.js \
	%D%/node-shop/worker.js \
	%D%/shell-procfile/.env \
	%D%/shell-procfile/Procfile \
	%D%/shell-procfile/README.md \
	%D%/shell-procfile/clock.sh \
	%D%/shell-procfile/counter.sh \
	%D%/shell-procfile/setup.sh
